package dev.milonga.cli;

/** How a command prints its rows. */
enum Format {
  /** Aligned columns under a header, for people. */
  TABLE,
  /** One JSON object a line, for programs. */
  JSON
}
