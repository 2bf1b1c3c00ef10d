/**
 * How fast the store is: every work against a baseline in the same run. {@link
 * dev.milonga.bench.Works} lists what there is, {@link dev.milonga.bench.Suite} measures it, and
 * {@link dev.milonga.bench.ClosedLoop} is what drives the threads.
 */
@NullMarked
package dev.milonga.bench;

import org.jspecify.annotations.NullMarked;
