package dev.milonga.examples;

import dev.milonga.examples.Markdown.Block;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * Compiles the Java of one document, by the rule that {@code CONTRIBUTING.md} tells:
 *
 * <ul>
 *   <li>A {@code ```java} block is a source file: one or more classes.
 *   <li>A {@code ```java fragment} block is the body of a method with a variable {@code Milonga
 *       store}; imports may stand at its beginning.
 *   <li>Both have the usual imports. Each block sees the classes of all source file blocks of its
 *       document; where a class is shown in several versions, the one that was shown last.
 * </ul>
 */
final class SnippetCompiler {

  private static final String IMPORTS =
      String.join(
          " ",
          List.of(
              "import dev.milonga.*;",
              "import dev.milonga.annotations.*;",
              "import dev.milonga.collections.*;",
              "import dev.milonga.log.*;",
              "import dev.milonga.log.server.*;",
              "import dev.milonga.runtime.*;",
              "import dev.milonga.checkpoint.*;",
              "import dev.milonga.txn.*;",
              "import java.nio.file.*;",
              "import java.time.*;",
              "import java.util.*;",
              "import java.util.concurrent.*;",
              "import java.util.function.*;",
              "import java.util.stream.*;"));
  private static final Pattern TYPE =
      Pattern.compile(
          "^(?:@\\S+ )*((?:public |final |abstract |sealed |non-sealed )*)"
              + "(?:class|interface|record|enum|@interface) (\\w+)",
          Pattern.MULTILINE);
  private static final Pattern IMPORT = Pattern.compile("^import .*;\\n", Pattern.MULTILINE);

  private final Path classes;
  private final String document;
  private final List<String> problems = new ArrayList<>();
  private final Map<String, Source> files = new LinkedHashMap<>(); // by the classes they declare
  private final List<Source> fragments = new ArrayList<>();

  private SnippetCompiler(Path classes, String document) {
    this.classes = classes;
    this.document = document;
  }

  /**
   * What is wrong with those blocks, each problem with the line of the document; empty if nothing.
   *
   * @param classes an empty directory for what the compiler writes
   */
  static List<String> problems(Path classes, String document, List<Block> blocks)
      throws IOException {
    SnippetCompiler compiler = new SnippetCompiler(classes, document);
    for (Block block : blocks) {
      compiler.add(block);
    }
    compiler.compile();
    return compiler.problems;
  }

  private void add(Block block) throws IOException {
    switch (block.info()) {
      case "fragment" -> fragments.add(fragment(block));
      case "" -> addFile(block);
      default ->
          problems.add(
              at(block.line() - 1)
                  + "'java "
                  + block.info()
                  + "' is not known; write 'java' for classes, 'java fragment' for statements");
    }
  }

  private void addFile(Block block) throws IOException {
    List<String> declared = new ArrayList<>();
    String name = "File" + block.line();
    Matcher type = TYPE.matcher(block.code());
    while (type.find()) {
      declared.add(type.group(2));
      name = type.group(1).contains("public ") ? type.group(2) : name;
    }
    if (declared.isEmpty()) {
      problems.add(
          at(block.line())
              + "the block declares no class; mark statements with 'java fragment', and what is not"
              + " to be compiled with 'text'");
      return;
    }
    if (declared.stream().anyMatch(files::containsKey)) {
      compile(); // what was shown so far belongs to the former version
      fragments.clear();
      List<Source> former = declared.stream().map(files::get).toList();
      files.values().removeIf(former::contains);
    }
    Source source = new Source(name, IMPORTS + " " + block.code(), block.line());
    declared.forEach(each -> files.put(each, source));
  }

  private static Source fragment(Block block) {
    String name = "Fragment" + block.line();
    // On one line each, and imports as blank lines, so that the lines keep their numbers.
    Matcher imports = IMPORT.matcher(block.code());
    StringBuilder own = new StringBuilder();
    while (imports.find()) {
      own.append(imports.group().strip()).append(' ');
    }
    String code =
        IMPORTS
            + own
            + " class "
            + name
            + " { void run(Milonga store) throws Exception { "
            + imports.replaceAll("\n")
            + "}}";
    return new Source(name, code, block.line());
  }

  private void compile() throws IOException {
    List<Source> all = new ArrayList<>(files.values().stream().distinct().toList());
    all.addAll(fragments);
    if (all.isEmpty()) {
      return;
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    StringWriter other = new StringWriter();
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(diagnostics, Locale.ROOT, null)) {
      manager.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
      List<String> options =
          List.of(
              "-classpath",
              System.getProperty("java.class.path"),
              "-proc:none",
              "--release",
              "17",
              "-parameters");
      boolean compiled = compiler.getTask(other, manager, diagnostics, options, null, all).call();
      note(diagnostics.getDiagnostics());
      if (!compiled && problems.isEmpty()) {
        throw new AssertionError("the compiler has failed: " + other);
      }
    }
  }

  private void note(Collection<Diagnostic<? extends JavaFileObject>> diagnostics) {
    for (Diagnostic<? extends JavaFileObject> diagnostic : diagnostics) {
      if (diagnostic.getKind() == Diagnostic.Kind.ERROR) {
        long line =
            diagnostic.getSource() instanceof Source source
                ? source.line + diagnostic.getLineNumber() - 1
                : 0;
        problems.add(at(line) + diagnostic.getMessage(Locale.ROOT));
      }
    }
  }

  private String at(long line) {
    return document + ":" + line + ": ";
  }

  /** A block as the compiler takes it. Its first line is the line of the document given. */
  private static final class Source extends SimpleJavaFileObject {

    private final String code;
    private final int line;

    Source(String name, String code, int line) {
      super(URI.create("snippet:///" + name + Kind.SOURCE.extension), Kind.SOURCE);
      this.code = code;
      this.line = line;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }
  }
}
