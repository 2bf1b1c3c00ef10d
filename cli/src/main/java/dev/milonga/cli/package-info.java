/**
 * The {@code milonga} command: a demo, and what an operator needs to look into a store. Each
 * subcommand is a class of its own, named {@code …Command}; {@link dev.milonga.cli.Main} is the
 * type to read first.
 */
@NullMarked
package dev.milonga.cli;

import org.jspecify.annotations.NullMarked;
