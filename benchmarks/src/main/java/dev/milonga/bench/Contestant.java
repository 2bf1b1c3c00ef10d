package dev.milonga.bench;

/** Something that is measured: a durable map of its own, which starts out with every key. */
interface Contestant extends AutoCloseable {

  /** The work, as this contestant does it. */
  Operation operation(Work work);

  @Override
  void close();
}
