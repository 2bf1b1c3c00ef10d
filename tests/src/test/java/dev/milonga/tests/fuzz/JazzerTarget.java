package dev.milonga.tests.fuzz;

/** Where Jazzer comes in: the decoder of the name that is its only argument. */
public final class JazzerTarget {

  // Jazzer's own hooks allocate on the thread that decodes: what a decoder allocates by itself is
  // measured afterwards, on every input that Jazzer has kept.
  private static final long ALLOWANCE = 4 << 20;

  private static DecoderRun run; // set once, before the only thread that fuzzes begins

  private JazzerTarget() {}

  public static void fuzzerInitialize(String[] arguments) {
    run = new DecoderRun(Decoders.named(arguments[0]), ALLOWANCE);
  }

  public static void fuzzerTestOneInput(byte[] input) {
    run.run(input);
  }
}
