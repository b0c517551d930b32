package io.gatehouse.control.kind;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The facts that are stored about all issued tokens together.
 *
 * @param until when the last of them ends
 */
public record Tokens(Instant until) implements Resource {

  private static final String NAME = "all";

  /** The key of the only resource of this kind. */
  public static final Key KEY = Key.of(Kind.TOKENS, NAME);

  @Override
  public Key key() {
    return KEY;
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    return Resource.document(
        Kind.TOKENS, Fields.map("name", NAME), Fields.map("until", until.toString()));
  }
}
