/**
 * Bugs that are planted into the product to see whether its tests find them. {@link
 * dev.milonga.tests.planted.PlantedBug} lists them, and {@link
 * dev.milonga.tests.planted.PlantedBugsTest} plants one after the other; it takes minutes, and runs
 * in the profile {@code planted-bugs} only.
 */
package dev.milonga.tests.planted;
