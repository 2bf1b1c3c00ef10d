package dev.milonga.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the blocks of Java in a document. */
final class Markdown {

  private static final Pattern FENCE = Pattern.compile(" *(`{3,}|~{3,}|<!-- (?=java))(.*)");
  private static final Pattern SOURCE = Pattern.compile("<!-- source: (\\S+) -->");

  private Markdown() {}

  /**
   * A block of code that begins with {@code ```java}, or, unseen by the reader, with {@code <!--
   * java}.
   *
   * @param info what follows {@code java} on the first line, such as {@code fragment}
   * @param line the number of the first line of the code in its file
   * @param source the file that the block shows, if the line before it names one
   */
  record Block(String info, int line, String code, Optional<String> source) {}

  /** The blocks of Java in that file, in their order. */
  static List<Block> javaBlocks(Path file) throws IOException {
    return javaBlocks(Files.readAllLines(file));
  }

  static List<Block> javaBlocks(List<String> lines) {
    List<Block> blocks = new ArrayList<>();
    Optional<String> source = Optional.empty();
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        int first = i + 1;
        int end = endOf(fence.group(1), lines, first);
        String info = fence.group(2).strip();
        if (info.equals("java") || info.startsWith("java ")) {
          String code = String.join("\n", lines.subList(first, end)) + "\n";
          blocks.add(new Block(info.substring(4).strip(), first + 1, code, source));
        }
        i = end;
      }
      source = i < lines.size() ? sourceIn(lines.get(i)) : Optional.empty();
    }
    return blocks;
  }

  private static int endOf(String fence, List<String> lines, int from) {
    String last = fence.startsWith("<") ? "-->" : fence;
    for (int i = from; i < lines.size(); i++) {
      if (lines.get(i).strip().equals(last)) {
        return i;
      }
    }
    throw new IllegalArgumentException("the block that begins at line " + from + " has no end");
  }

  private static Optional<String> sourceIn(String line) {
    Matcher source = SOURCE.matcher(line.strip());
    return source.matches() ? Optional.of(source.group(1)) : Optional.empty();
  }
}
