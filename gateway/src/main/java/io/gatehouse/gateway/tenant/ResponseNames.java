package io.gatehouse.gateway.tenant;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.group.ConsumerBytes;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Translates the names in whole responses of one API and version, and leaves out the elements of
 * arrays that belong to others.
 */
public final class ResponseNames {

  /** Length and correlation id. */
  private static final int HEADER_BYTES = 8;

  private final Names names;
  private final Program program;
  private final boolean compact;

  /** Whether the response tells the ids of topics beside their names. */
  private final boolean tellsIds;

  private ResponseNames(Names names, Program program, int apiKey) {
    this.names = names;
    this.program = program;
    this.compact = program.layout().flexible();
    this.tellsIds =
        apiKey == NamePrograms.METADATA
            || apiKey == NamePrograms.CREATE_TOPICS
            || apiKey == NamePrograms.DESCRIBE_TOPIC_PARTITIONS;
  }

  /** Null if responses of this API and version contain no names. */
  public static @Nullable ResponseNames of(Names names, int apiKey, int version) {
    Program program = NamePrograms.response(apiKey, version);
    return program == null ? null : new ResponseNames(names, program, apiKey);
  }

  /**
   * Translates a response.
   *
   * @param frame with its length; not released here
   * @return the response for the client, which the caller owns; null if it is the broker's
   * @throws MalformedMessage if it is not a response of this kind, or names others where nothing
   *     can be left out
   */
  public @Nullable ByteBuf translate(ByteBuf frame, ByteBufAllocator allocator) {
    FrameWalk walk = FrameWalk.over(frame, HEADER_BYTES, program);
    try {
      return new Run(walk).translate(allocator);
    } finally {
      walk.end();
    }
  }

  /** One translation. */
  private final class Run {

    private final FrameWalk walk;
    private final Walker walker;

    /** The nesting of arrays around the current field, of those whose elements have names. */
    private int depth;

    /** A bit for each of these arrays: whether its current element belongs to others. */
    private long foreign;

    private int resourceType = ResourceTypes.UNKNOWN;
    private boolean ofConsumers = true;
    private boolean namesTopic;
    private @Nullable String topic;

    Run(FrameWalk walk) {
      this.walk = walk;
      this.walker = walk.walker;
    }

    @Nullable ByteBuf translate(ByteBufAllocator allocator) {
      Walker.Step step = walker.next();
      while (step != Walker.Step.FINISHED && step != Walker.Step.MORE) {
        switch (step) {
          case FIELD -> onField(walker.kind());
          case ELEMENT_BEGIN -> {
            depth++;
            foreign &= ~bit();
            resourceType = ResourceTypes.UNKNOWN;
            topic = null;
          }
          case ELEMENT_END -> {
            if ((foreign & bit()) != 0) {
              walk.edits.dropElement(walker);
            }
            depth--;
          }
          default -> {}
        }
        if (walk.isTooLarge()) {
          throw new MalformedMessage("more names than can be translated", walker.position());
        }
        step = walker.next();
      }
      return walk.edited(allocator);
    }

    private long bit() {
      return 1L << depth;
    }

    private void onField(FieldKind kind) {
      switch (kind) {
        case TOPIC_NAME -> {
          if (walker.valueLength() > 0) {
            onName();
          }
        }
        case GROUP_ID, TRANSACTIONAL_ID, COORDINATOR_KEY -> {
          if (!walker.isNull()) {
            onName();
          }
        }
        case RESOURCE_TYPE -> resourceType = (int) walker.number();
        case RESOURCE_NAME -> {
          boolean ofBrokers =
              resourceType != ResourceTypes.UNKNOWN && !ResourceTypes.isOfTenant(resourceType);
          if (walker.valueLength() > 0 && !ofBrokers) {
            onName();
          }
        }
        case CONFIG_NAME ->
            namesTopic = !walker.isNull() && ResourceTypes.isTopicName(walker.text());
        case CONFIG_VALUE -> {
          if (namesTopic && walker.valueLength() > 0) {
            Tenant tenant = names.tenant();
            String topicName = walker.text();
            setText(Objects.requireNonNullElse(tenant.toClient(topicName), ""));
          }
        }
        case TOPIC_ID -> onTopicId();
        case CLUSTER_ID -> {
          if (!walker.isNull()) {
            setText(ClusterIds.toClient(names.tenant(), walker.text()));
          }
        }
        case TOPIC_PATTERN -> {
          if (walker.valueLength() > 0) {
            setText(TopicPatterns.toClient(names.tenant(), walker.text()));
          }
        }
        case ERROR_MESSAGE -> {
          if (walker.valueLength() > 0) {
            onErrorMessage();
          }
        }
        case GROUP_PROTOCOL_TYPE ->
            ofConsumers =
                walker.valueLength() <= 0 || walker.text().equals(ConsumerBytes.PROTOCOL_TYPE);
        case GROUP_METADATA, GROUP_ASSIGNMENT -> {
          if (ofConsumers && walker.valueLength() > 0) {
            Tenant tenant = names.tenant();
            GroupBytes.rename(walk, kind, compact, tenant::toClient);
          }
        }
        default -> {}
      }
    }

    private boolean isTopic() {
      return walker.kind() == FieldKind.TOPIC_NAME
          || (walker.kind() == FieldKind.RESOURCE_NAME && ResourceTypes.isTopic(resourceType));
    }

    private void onName() {
      byte[] prefix = names.prefix();
      boolean needsName = walker.kind() == FieldKind.TOPIC_NAME;
      boolean hidden = false;
      if (names.hasAliases() && isTopic()) {
        String brokerTopic = walker.text();
        String alias = names.tenant().aliases().alias(brokerTopic);
        if (alias != null) {
          topic = tellsIds && needsName ? brokerTopic : topic;
          setText(alias);
          return;
        }
        hidden = !names.tenant().sees(brokerTopic); // an alias may have its name
      }
      if (hidden
          || !walk.beginsWith(prefix)
          || (needsName && walker.valueLength() == prefix.length)) {
        if (depth == 0) {
          throw new MalformedMessage("a name that is not the client's", walker.start());
        }
        foreign |= bit();
        return;
      }
      if (tellsIds && needsName) {
        topic = walker.text();
      }
      int length = walker.valueLength() - prefix.length;
      int first = walker.stop() - walker.valueLength();
      walk.edits.replace(
          walker,
          walker.start(),
          first + prefix.length,
          NameText.lengthAnd(length, compact, NOTHING));
    }

    private void onErrorMessage() {
      String message = walker.text();
      if (names.isIn(message)) {
        setText(names.toClient(message));
      }
    }

    private void onTopicId() {
      long high = walker.numberHigh();
      long low = walker.number();
      if (topic != null && (high | low) != 0) {
        names.topics().learn(new UUID(high, low), topic);
      } else if (Names.isMasked(high)) {
        walk.edits.replace(
            walker, walker.start(), walker.stop(), RequestNames.uuid(Names.unmasked(high), low));
      }
    }

    private void setText(String text) {
      int edit = walk.edits.defer(walker, walker.start(), walker.stop());
      walk.edits.setText(edit, text, compact);
    }
  }

  private static final byte[] NOTHING = {};
}
