package dev.milonga.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.examples.Markdown.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What the documents show compiles; where they show a file, it is that file. */
class DocumentsTest {

  private static final Path ROOT =
      Path.of(System.getProperty("basedir", ".")).toAbsolutePath().getParent();

  @TempDir private Path classes;

  @TestFactory
  Stream<DynamicTest> javaInDocuments_compiles() throws IOException {
    return documents().stream()
        .map(
            document ->
                DynamicTest.dynamicTest(
                    ROOT.relativize(document).toString(), () -> assertCompiles(document)));
  }

  @Test
  void rootOfTheProject_isFound() throws IOException {
    assertThat(ROOT.resolve("pom.xml")).content().contains("<module>examples</module>");
    assertThat(documents()).contains(ROOT.resolve("CONTRIBUTING.md"));
  }

  @Test
  void classesAndFragments_areCompiledTogether_alsoInSeveralVersions() throws IOException {
    assertThat(
            problems(
                """
                ```java
                public class Stock {
                  private int pieces;
                  @Mutator public void add(int n) { pieces += n; }
                }
                ```
                ```java fragment
                import java.math.BigDecimal;
                Stock stock = store.object(Stock.class, "stock");
                stock.add(BigDecimal.ONE.intValue());
                ```
                ```java
                @LogicalName("Stock")
                public class Stock {
                  @Mutator(aliases = "add") public void restock(int n) {}
                }
                record Order(String id) {}
                ```
                ```java fragment
                store.object(Stock.class, "stock").restock(1);
                ReplicatedMap<String, Order> orders = store.map("o", String.class, Order.class);
                ```
                ```text
                not(java
                ```
                <!-- java
                record Unseen(String id) {}
                -->
                ```java fragment
                Unseen unseen = new Unseen("u-1");
                ```
                """))
        .isEmpty();
  }

  @Test
  void mistakes_areReportedWithTheirLines() throws IOException {
    assertThat(
            problems(
                """
                # Title
                ```java fragment
                int fine = 1;
                int wrong = "text";
                ```
                ```java
                int lonely = 1;
                ```
                ```java sketch
                ```
                ```java
                class Broken {
                  Missing field;
                }
                ```
                """))
        .hasSize(4)
        .anySatisfy(problem -> assertThat(problem).startsWith("doc.md:4: incompatible types"))
        .anySatisfy(problem -> assertThat(problem).startsWith("doc.md:7: the block declares no"))
        .anySatisfy(problem -> assertThat(problem).startsWith("doc.md:9: 'java sketch'"))
        .anySatisfy(problem -> assertThat(problem).startsWith("doc.md:13: cannot find symbol"));
  }

  @Test
  void blockOfAFile_knowsItsFile() {
    List<Block> blocks =
        Markdown.javaBlocks(
            List.of(
                "<!-- source: a/B.java -->", "```java", "class B {}", "```", "", "```java", "```"));

    assertThat(blocks)
        .extracting(Block::source)
        .map(source -> source.orElse("none"))
        .containsExactly("a/B.java", "none");
  }

  private void assertCompiles(Path document) throws IOException {
    List<Block> blocks = Markdown.javaBlocks(document);
    String name = ROOT.relativize(document).toString();
    assertThat(SnippetCompiler.problems(classes, name, blocks)).isEmpty();
    for (Block block : blocks) {
      if (block.source().isPresent()) {
        Path file = ROOT.resolve(block.source().get());
        assertThat(withoutPackage(file)).as("%s, shown in %s", file, name).isEqualTo(block.code());
      }
    }
  }

  private static String withoutPackage(Path file) throws IOException {
    return Files.readString(file).replaceFirst("(?m)^package .*;\n\n", "");
  }

  private List<String> problems(String markdown) throws IOException {
    return SnippetCompiler.problems(
        classes, "doc.md", Markdown.javaBlocks(markdown.lines().toList()));
  }

  /** The documents at the top and in docs, at any depth. */
  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      Stream.concat(top, docs)
          .filter(Files::isRegularFile)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .forEach(documents::add);
    }
    return documents;
  }
}
