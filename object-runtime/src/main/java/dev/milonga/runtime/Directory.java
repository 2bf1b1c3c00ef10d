package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.StreamId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Maps the names of objects to their types: a replicated object at a fixed stream (Tango §3.1,
 * "naming"). Names are created through the log, so that two clients racing to create one get the
 * same object, and the one with another type is refused. It also keeps every schema that a caller
 * has had, so that the log can be printed without the callers' classes.
 */
@LogicalName("milonga.directory")
class Directory {

  /** The directory's own stream; no name hashes to it except by an accident of 2⁻¹²⁸. */
  static final StreamId STREAM = new StreamId(0, 0);

  static final String NAME = "milonga.directory";

  private final Map<String, Registration> objects = new TreeMap<>();
  private final Map<Long, Schema> schemas = new TreeMap<>();

  /**
   * Registers an object unless there is one of that name, and returns the registration that stands.
   * If the one that stands is of the wanted type, by its present name or a former one, the schema
   * is recorded as well.
   */
  @Mutator("open")
  Registration open(Registration wanted, List<String> formerTypes, Schema schema) {
    Registration standing = objects.putIfAbsent(wanted.name(), wanted);
    if (standing != null && !isSameType(standing, wanted, formerTypes)) {
      return standing;
    }
    schemas.putIfAbsent(schema.fingerprint(), schema);
    return standing != null ? standing : wanted;
  }

  static boolean isSameType(Registration standing, Registration wanted, List<String> formerTypes) {
    return standing.typeArguments().equals(wanted.typeArguments())
        && (standing.type().equals(wanted.type()) || formerTypes.contains(standing.type()));
  }

  @Accessor
  Optional<Registration> find(String name) {
    return Optional.ofNullable(objects.get(name));
  }

  @Accessor
  List<Registration> objects() {
    return new ArrayList<>(objects.values());
  }

  @Accessor
  Optional<Schema> schema(long fingerprint) {
    return Optional.ofNullable(schemas.get(fingerprint));
  }

  @Accessor
  List<Schema> schemas() {
    return new ArrayList<>(schemas.values());
  }
}
