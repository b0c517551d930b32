package io.gatehouse.control.kind;

import java.time.Instant;
import java.util.Map;

/**
 * What is kept of all tokens that were made.
 *
 * @param until when the last of them ends
 */
public record Tokens(Instant until) implements Resource {

  private static final String NAME = "all";

  /** There is one. */
  public static final Key KEY = Key.of(Kind.TOKENS, NAME);

  @Override
  public Key key() {
    return KEY;
  }

  @Override
  public Map<String, Object> document(boolean defaults) {
    return Resource.document(
        Kind.TOKENS, Fields.map("name", NAME), Fields.map("until", until.toString()));
  }
}
