package dev.milonga.runtime;

/**
 * What the directory knows of one object.
 *
 * @param name the object's name
 * @param type the logical name of its class, as it was when the object was created
 * @param typeArguments its type arguments by logical name, such as {@code <string,Order>}; empty if
 *     the class is not generic
 */
public record Registration(String name, String type, String typeArguments) {

  static Registration of(String name, ReplicatedType<?> type) {
    return new Registration(name, type.name(), type.describe().substring(type.name().length()));
  }

  /** The type as one would write it: {@code map<string,Order>}. */
  public String describedType() {
    return type + typeArguments;
  }
}
