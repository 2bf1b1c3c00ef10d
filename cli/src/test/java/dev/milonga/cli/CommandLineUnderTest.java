package dev.milonga.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** The command run within the test, with what it prints caught. */
final class CommandLineUnderTest {

  private CommandLineUnderTest() {}

  /**
   * What a run of the command did.
   *
   * @param out the lines on the standard output
   * @param err the lines on the error output
   */
  record Run(int exitCode, List<String> out, List<String> err) {}

  static Run milonga(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Screen screen = new Screen(new PrintWriter(out), new PrintWriter(err), false, System::nanoTime);
    String[] words = new String[arguments.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = arguments[i].toString();
    }
    int exitCode = Main.run(screen, words);
    screen.err().flush();
    return new Run(exitCode, out.toString().lines().toList(), err.toString().lines().toList());
  }
}
