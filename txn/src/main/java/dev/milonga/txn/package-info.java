/**
 * Serializable blocks over several objects (Tango §3.2): a block runs at the caller against a
 * snapshot and buffers what it writes; its commit is one conditional append. {@link
 * dev.milonga.txn.Transactions} runs blocks; {@link dev.milonga.txn.TransactionScope} is where the
 * rules are, and the type to read first.
 */
@NullMarked
package dev.milonga.txn;

import org.jspecify.annotations.NullMarked;
