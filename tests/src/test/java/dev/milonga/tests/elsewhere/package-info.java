/** A package that is not that of the tests. */
package dev.milonga.tests.elsewhere;
