package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A request. */
record Call(int api, int version, Struct body) {

  byte[] frame(int correlationId) {
    return Frames.request(api, version, correlationId, body);
  }

  /** The same with the names of a virtual cluster's resources as the broker has them. */
  Call prefixed(String prefix) {
    return new Call(api, version, prefixed(body, prefix));
  }

  private static Struct prefixed(Struct struct, String prefix) {
    Struct copy = Struct.of(struct.layout());
    for (FieldLayout field :
        Stream.concat(struct.layout().fields().stream(), struct.layout().tagged().stream())
            .toList()) {
      copy.set(field.name(), prefixed(struct.get(field.name()), prefix));
    }
    return copy;
  }

  private static @Nullable Object prefixed(@Nullable Object value, String prefix) {
    return switch (value) {
      case String name when World.names().contains(name) -> prefix + name;
      case Struct struct -> prefixed(struct, prefix);
      case List<?> list -> list.stream().map(each -> prefixed(each, prefix)).toList();
      case null, default -> value;
    };
  }

  String name() {
    return Objects.requireNonNull(Schemas.get().apiName(api));
  }

  @Override
  public String toString() {
    return name() + " v" + version + " " + body;
  }
}
