/**
 * Histories of concurrent clients, and what decides whether they are linearizable. {@link
 * dev.milonga.tests.history.History} records, {@link
 * dev.milonga.tests.history.LinearizabilityChecker} decides, {@link
 * dev.milonga.tests.history.Specification} says what an object should have done. {@link
 * dev.milonga.tests.history.SerializabilityChecker} decides about transactions over many objects.
 */
package dev.milonga.tests.history;
