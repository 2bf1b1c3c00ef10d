/** What takes nanoseconds, measured by JMH; run by {@code bin/milonga bench nanos}. */
@NullMarked
package dev.milonga.bench.jmh;

import org.jspecify.annotations.NullMarked;
