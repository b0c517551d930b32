package io.gatehouse.control.kind;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A revoked token.
 *
 * @param id its {@code jti}
 * @param until when it ends anyway, and this need not be kept any more
 */
public record RevokedToken(String id, Instant until) implements Resource {

  @Override
  public Key key() {
    return Key.of(Kind.REVOKED_TOKEN, id);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    return Resource.document(
        Kind.REVOKED_TOKEN, Fields.map("name", id), Fields.map("until", until.toString()));
  }
}
