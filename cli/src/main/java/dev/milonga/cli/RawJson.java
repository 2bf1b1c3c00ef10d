package dev.milonga.cli;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.annotation.JsonValue;

/** A value that is JSON already. */
record RawJson(@JsonRawValue @JsonValue String text) {

  @Override
  public String toString() {
    return text;
  }
}
