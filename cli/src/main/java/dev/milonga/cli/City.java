package dev.milonga.cli;

/**
 * A city or town of the demo.
 *
 * @param id its number in GeoNames
 * @param country the ISO 3166 code of its country
 * @param region GeoNames' code of the first-order division of the country that it lies in
 * @param population inhabitants
 * @param latitude degrees north
 * @param longitude degrees east
 */
public record City(
    int id,
    String name,
    String country,
    String region,
    int population,
    double latitude,
    double longitude) {}
