/**
 * How fast the store is, against what one would write by hand on RocksDB, in the same run. {@link
 * dev.milonga.bench.ClosedLoop} drives, {@link dev.milonga.bench.RawStore} is the baseline.
 */
@NullMarked
package dev.milonga.bench;

import org.jspecify.annotations.NullMarked;
