package dev.milonga.runtime.cbor;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.AnnotatedElement;
import java.util.List;

/**
 * Under which name a field, record component or enum constant is written, and under which earlier
 * ones it is found as well.
 */
record PropertyNames(String name, List<String> aliases) {

  /** As Jackson's annotations say; without them the declared name alone. */
  static PropertyNames of(AnnotatedElement member, String declaredName) {
    JsonProperty property = member.getAnnotation(JsonProperty.class);
    JsonAlias alias = member.getAnnotation(JsonAlias.class);
    return new PropertyNames(
        property == null || property.value().isEmpty() ? declaredName : property.value(),
        alias == null ? List.of() : List.of(alias.value()));
  }
}
