package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ServerDocumentTest {

  private static final Path DOCUMENT = Path.of("../docs/server.md");

  @Test
  void settingsInTheDocument_areThoseThatThereAre() throws IOException {
    Set<String> documented = new TreeSet<>();
    boolean inTable = false;
    for (String line : Files.readAllLines(DOCUMENT)) {
      inTable = line.startsWith("| name | value |") || inTable && line.startsWith("|");
      String[] cells = line.replace("\\|", "/").replace("`", "").split("\\|");
      if (inTable && line.startsWith("| `")) {
        documented.add(cells[1].strip() + " " + cells[2].strip() + " " + cells[3].strip());
      }
    }

    Set<String> actual = new TreeSet<>();
    for (Setting<?> setting : SettingsReader.ALL) {
      String standard = setting.standard().orElse("");
      if (setting.name().equals("session-timeout")) {
        standard = "24h"; // which is not set, but what the log takes
      }
      actual.add(setting.name() + " " + setting.value().replace('|', '/') + " " + standard);
    }
    assertThat(documented).isEqualTo(actual);
  }
}
