package io.gatehouse.control.kafka;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the clients of a cluster are directed to.
 *
 * @param generation grows with each switch; of several records the highest is in force
 * @param assignment grows with each change of the node ids since that switch, so that a switch made
 *     at the same time is in force
 * @param to the cluster itself or its failover cluster
 * @param nodeIds the failover cluster's brokers by the node ids that clients know
 */
public record SwitchRecord(
    long generation, long assignment, String to, Map<Integer, Integer> nodeIds) {

  /** Nothing was switched yet. */
  static final SwitchRecord NONE = new SwitchRecord(0, 0, "", Map.of());

  private static final String FORMAT = "1";

  /** More than can ever be switched, and far from the highest number, after which none follows. */
  private static final long MAX_GENERATION = 1_000_000_000;

  public SwitchRecord {
    nodeIds = Map.copyOf(nodeIds);
  }

  /** Whether it is in force instead of the other one. Two of one generation were made at once. */
  boolean beats(SwitchRecord other) {
    if (generation != other.generation) {
      return generation > other.generation;
    }
    return assignment != other.assignment
        ? assignment > other.assignment
        : Arrays.compare(bytes(), other.bytes()) > 0;
  }

  byte[] bytes() {
    StringBuilder ids = new StringBuilder();
    new TreeMap<>(nodeIds)
        .forEach((client, broker) ->
            ids.append(ids.isEmpty() ? "" : ",")
                .append('"')
                .append(client)
                .append("\":")
                .append(broker));
    return "{\"format\":%s,\"generation\":%d,\"assignment\":%d,\"to\":\"%s\",\"nodeIds\":{%s}}"
        .formatted(
            FORMAT, generation, assignment, to.replace("\\", "\\\\").replace("\"", "\\\""), ids)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Null if it is of a later version or no such record. */
  static @Nullable SwitchRecord read(byte[] bytes) {
    try {
      if (Document.read(bytes, Document.Form.JSON) instanceof Value.Fields document
          && document.fields().get("format") instanceof Value.Numeral format
          && format.digits().equals(FORMAT)
          && document.fields().get("generation") instanceof Value.Numeral generation
          && document.fields().get("assignment") instanceof Value.Numeral assignment
          && document.fields().get("to") instanceof Value.Text to
          && document.fields().get("nodeIds") instanceof Value.Fields ids) {
        Map<Integer, Integer> nodeIds = new TreeMap<>();
        for (Map.Entry<String, Value> one : ids.fields().entrySet()) {
          if (one.getValue() instanceof Value.Numeral broker) {
            nodeIds.put(Integer.parseInt(one.getKey()), Integer.parseInt(broker.digits()));
          }
        }
        long number = Long.parseLong(generation.digits());
        long changes = Long.parseLong(assignment.digits());
        return number < 1 || number > MAX_GENERATION || changes < 0 || changes > MAX_GENERATION
            ? null
            : new SwitchRecord(number, changes, to.text(), nodeIds);
      }
    } catch (MalformedException | NumberFormatException e) {
      return null;
    }
    return null;
  }
}
