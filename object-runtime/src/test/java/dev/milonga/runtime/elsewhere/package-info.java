/** Fixtures in a package other than that of the tests. */
@NullMarked
package dev.milonga.runtime.elsewhere;

import org.jspecify.annotations.NullMarked;
