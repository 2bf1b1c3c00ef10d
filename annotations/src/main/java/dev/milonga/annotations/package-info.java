/**
 * What a replicated class is written with: two annotations mark which methods change the object and
 * which only read it, a few more say what they touch. This package depends on nothing, so that user
 * code and its tests need nothing else. Read {@link dev.milonga.annotations.Mutator} first.
 */
package dev.milonga.annotations;
