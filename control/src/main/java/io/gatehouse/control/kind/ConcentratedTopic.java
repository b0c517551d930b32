package io.gatehouse.control.kind;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A topic whose records are kept in a physical one together with those of others. */
public record ConcentratedTopic(User id, String physicalName) implements Resource {

  @Override
  public Key key() {
    return new Key(Kind.CONCENTRATED_TOPIC, id);
  }

  static ConcentratedTopic read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.CONCENTRATED_TOPIC);
    User id = ServiceAccount.id(parts.metadata(), AliasTopic.TOPIC);
    String physicalName = parts.spec().text("physicalName", AliasTopic.TOPIC);
    parts.end();
    return new ConcentratedTopic(id, physicalName);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    return Resource.document(
        Kind.CONCENTRATED_TOPIC,
        ServiceAccount.document(id, defaults),
        Fields.map("physicalName", physicalName));
  }
}
