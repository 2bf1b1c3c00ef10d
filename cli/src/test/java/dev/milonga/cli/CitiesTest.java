package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CitiesTest {

  @Test
  void shippedFile_isWhole() {
    List<City> cities = Cities.read();

    assertThat(cities).hasSize(82_068);
    assertThat(cities).extracting(City::id).doesNotHaveDuplicates().isSorted();
    assertThat(cities).allMatch(city -> city.population() >= 2_000 && city.country().length() == 2);
    assertThat(cities)
        .contains(
            new City(3435910, "Buenos Aires", "AR", "07", 13_076_300, -34.61315, -58.37723),
            new City(
                3119123,
                "Sant Pere, Santa Caterina i La Ribera",
                "ES",
                "56",
                22_856,
                41.38450,
                2.18152));
  }
}
