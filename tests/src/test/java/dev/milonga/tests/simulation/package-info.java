/**
 * The machinery of the simulation: threads of which one runs at a time, time that passes as the
 * scheduler says, and what clients see of the world. Read {@code Scheduler} first.
 */
package dev.milonga.tests.simulation;
