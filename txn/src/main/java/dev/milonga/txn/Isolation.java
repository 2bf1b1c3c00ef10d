package dev.milonga.txn;

/** What a transaction is protected against. */
public enum Isolation {
  /**
   * Everything: the transaction takes effect as if it ran alone, at one moment between the call and
   * its return (strict serializability). It aborts if anything that it has read was written.
   */
  SERIALIZABLE,

  /**
   * Lost updates, and nothing more (snapshot isolation): the transaction reads one snapshot, and
   * aborts if anything that it <em>writes</em> was written since. Two transactions that each read
   * what the other writes can both commit (write skew).
   */
  SNAPSHOT
}
