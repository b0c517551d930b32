package io.gatehouse.gateway.access;

import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.acl.Demand.Right;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.TopicMask;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Masks the topics that a client must not write to while its request to produce streams, see {@link
 * TopicMask}, and restores them in the response.
 */
public final class ProducedTopics {

  private static final Right WRITE = new Right(Operation.WRITE, ResourceType.TOPIC);
  private static final int PRODUCE = 0;

  /** Length and correlation id. */
  private static final int HEADER_BYTES = 8;

  private static final int LENGTH_BYTES = 4;
  private static final Map<Integer, Program> RESPONSES = new ConcurrentHashMap<>();

  private ProducedTopics() {}

  /**
   * Masks a topic in a request unless the client may write to it.
   *
   * @param denials is told of it
   * @param at the index of the first byte of its name
   * @return whether it was masked
   * @throws MalformedMessage if it cannot be
   */
  public static boolean mask(AclCaller caller, Denials denials, ByteBuf in, int at, int length) {
    String name = in.toString(at, length, StandardCharsets.UTF_8);
    if (mayWrite(caller, name)) {
      return false;
    }
    if (!TopicMask.isMasked(in, at, length) && !TopicMask.mask(in, at, length)) {
      throw new MalformedMessage("a topic that the client must not write to: " + name, at);
    }
    denials.onMissing(WRITE, name);
    return true;
  }

  /** The same with a topic id that the walker has reported. */
  public static boolean mask(
      AclCaller caller, Denials denials, VisibleTopics topics, Walker walker) {
    UUID id = new UUID(walker.numberHigh(), walker.number());
    String name = topics.name(id);
    if (name == null) {
      // Unknown until the cluster has told its name: clients try again.
      if (topics.isUnresolved(id)) {
        var _ = topics.resolve(List.of(id));
      }
      walker.setUuid(Names.masked(walker.numberHigh()), walker.number());
      return true;
    }
    if (mayWrite(caller, name)) {
      return false;
    }
    walker.setUuid(TopicMask.masked(walker.numberHigh()), walker.number());
    denials.onMissing(WRITE, name);
    return true;
  }

  private static boolean mayWrite(AclCaller caller, String topic) {
    return caller.authorize(Operation.WRITE, ResourceType.TOPIC, topic).allowed();
  }

  /** Whether the client may use a transactional id. */
  public static boolean mayUse(AclCaller caller, String transactionalId) {
    return caller
        .authorize(Operation.WRITE, ResourceType.TRANSACTIONAL_ID, transactionalId)
        .allowed();
  }

  /**
   * Restores masked topics in a response, and tells that they are refused.
   *
   * @param frame with its length; is modified
   * @throws MalformedMessage if it is not a response to a request to produce
   */
  public static void restore(int version, ByteBuf frame) {
    MessageSchema schema = Objects.requireNonNull(Schemas.get().response(PRODUCE));
    Program program =
        RESPONSES.computeIfAbsent(
            version,
            _ ->
                Program.ofResponse(
                    schema.layout(version),
                    EnumSet.of(FieldKind.TOPIC_NAME, FieldKind.TOPIC_ID, FieldKind.ERROR_CODE)));
    Walker walker = new Walker();
    int at = frame.readerIndex();
    walker.start(program, HEADER_BYTES - LENGTH_BYTES, frame.readableBytes() - LENGTH_BYTES);
    walker.feed(frame, at + HEADER_BYTES, at + frame.readableBytes());
    boolean denied = false;
    while (walker.next() == Walker.Step.FIELD) {
      switch (walker.kind()) {
        case TOPIC_NAME -> {
          int name = at + LENGTH_BYTES + walker.stop() - Math.max(0, walker.valueLength());
          denied = TopicMask.unmask(frame, name, Math.max(0, walker.valueLength()));
        }
        case TOPIC_ID -> {
          denied = TopicMask.isMasked(walker.numberHigh());
          if (denied || Names.isMasked(walker.numberHigh())) {
            walker.setUuid(TopicMask.unmasked(walker.numberHigh()), walker.number());
          }
        }
        default -> {
          int code = (int) walker.number();
          if (denied
              && (code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()
                  || code == ErrorCode.UNKNOWN_TOPIC_ID.number())) {
            walker.setLowByte(ErrorCode.TOPIC_AUTHORIZATION_FAILED.number());
          }
        }
      }
    }
  }
}
