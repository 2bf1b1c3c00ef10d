package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.cli.Gazetteer.Place;
import org.junit.jupiter.api.Test;

class GazetteerTest {

  private final Gazetteer gazetteer = new Gazetteer();

  @Test
  void places_areFoundByNameAndBySize() {
    gazetteer.add("Springfield", 1, 500);
    gazetteer.add("Shelbyville", 2, 900);
    gazetteer.add("Springfield", 3, 700);

    assertThat(gazetteer.named("Springfield"))
        .containsExactly(new Place(1, "Springfield", 500), new Place(3, "Springfield", 700));
    assertThat(gazetteer.named("Nowhere")).isEmpty();
    assertThat(gazetteer.largest(2)).extracting(Place::id).containsExactly(2, 3);
    assertThat(gazetteer.population()).isEqualTo(2_100);
  }

  @Test
  void addingAPlaceAgain_replacesIt() {
    assertThat(gazetteer.add("Springfield", 1, 500)).isTrue();
    assertThat(gazetteer.add("Springfield", 1, 600)).isFalse();

    assertThat(gazetteer.all()).containsExactly(new Place(1, "Springfield", 600));
  }
}
