package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.tenant.TenantApis.Problem;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.group.ConsumerBytes;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Translates the names in whole requests of one API and version. */
public final class RequestNames {

  /** Length, API key, version and correlation id. */
  private static final int HEADER_BYTES = 12;

  /** The replica id of clients that are no brokers. */
  private static final int CONSUMER = -1;

  /** Maximum bytes of records that clients get at once if topics have aliases. */
  private static final int MAX_FETCHED_BYTES = 8 << 20;

  /** Maximum number of topic ids that the cluster is asked for at once, for one client. */
  private static final int MAX_ASKED = 1_000;

  /** Maximum number of topic ids in one request that are not known to be the tenant's. */
  private static final int MAX_UNKNOWN = 10_000;

  private final Names names;
  private final Program program;
  private final boolean compact;

  /** The outcome of a translation. */
  public sealed interface Outcome {
    Outcome UNCHANGED = new Translated(null);

    /**
     * @param frame the request for the broker, which the caller owns; null if it is the client's
     */
    record Translated(@Nullable ByteBuf frame) implements Outcome {}

    /** The request must not be sent. */
    record Refused(Problem problem) implements Outcome {}

    /** The request can be translated when this completes. */
    record Later(Future<Void> resolved) implements Outcome {}
  }

  private RequestNames(Names names, Program program) {
    this.names = names;
    this.program = program;
    this.compact = program.layout().flexible();
  }

  /** Null if requests of this API and version contain no names. */
  public static @Nullable RequestNames of(Names names, int apiKey, int version) {
    Program program = NamePrograms.request(apiKey, version);
    return program == null ? null : new RequestNames(names, program);
  }

  /**
   * Translates a request.
   *
   * @param frame with its length; not released here
   * @throws MalformedMessage if it is not a request of this kind
   */
  public Outcome translate(ByteBuf frame, ByteBufAllocator allocator) {
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
    private int resourceType = ResourceTypes.UNKNOWN;
    private boolean ofConsumers = true;
    private boolean namesTopic;
    private @Nullable Problem problem;
    private int unknownIds;
    private List<UUID> unresolved = List.of();

    Run(FrameWalk walk) {
      this.walk = walk;
      this.walker = walk.walker;
    }

    Outcome translate(ByteBufAllocator allocator) {
      Walker.Step step = walker.next();
      while (step != Walker.Step.FINISHED && step != Walker.Step.MORE) {
        if (walk.isTooLarge() || problem == Problem.TOO_MANY_NAMES) {
          return new Outcome.Refused(Problem.TOO_MANY_NAMES);
        }
        if (step == Walker.Step.FIELD) {
          onField(walker.kind());
        } else if (step == Walker.Step.ARRAY_END && walker.arrayCount() <= 0) {
          problem = Problem.ALL_TOPICS;
        }
        step = walker.next();
      }
      if (problem != null) {
        return new Outcome.Refused(problem);
      }
      if (!unresolved.isEmpty()) {
        return new Outcome.Later(names.topics().resolve(unresolved));
      }
      ByteBuf edited = walk.edited(allocator);
      return edited == null ? Outcome.UNCHANGED : new Outcome.Translated(edited);
    }

    private void onField(FieldKind kind) {
      switch (kind) {
        // An empty one is refused by the broker.
        case TOPIC_NAME -> {
          if (walker.valueLength() > 0) {
            onTopic();
          }
        }
        case TRANSACTIONAL_ID -> {
          if (walker.valueLength() > 0) {
            addPrefix();
          }
        }
        case GROUP_ID, COORDINATOR_KEY -> {
          if (!walker.isNull()) {
            addPrefix();
          }
        }
        case RESOURCE_TYPE -> resourceType = (int) walker.number();
        case RESOURCE_NAME -> onResource();
        case CONFIG_NAME ->
            namesTopic = !walker.isNull() && ResourceTypes.isTopicName(walker.text());
        case CONFIG_VALUE -> {
          if (namesTopic && walker.valueLength() > 0) {
            onTopic();
          }
        }
        case TOPIC_ID -> onTopicId();
        case CLUSTER_ID -> onClusterId();
        case TOPIC_PATTERN, TRANSACTIONAL_ID_PATTERN -> onPattern();
        case BROKER_ID -> {
          if (walker.number() != CONSUMER) { // as which all clients are served
            walk.edits.setNumber(defer(), CONSUMER);
          }
        }
        case FETCHED_BYTES -> {
          // The response is held whole if it names topics.
          if (names.hasAliases() && walker.number() > MAX_FETCHED_BYTES) {
            walk.edits.setNumber(defer(), MAX_FETCHED_BYTES);
          }
        }
        case GROUP_PROTOCOL_TYPE ->
            ofConsumers = walker.isNull() || walker.text().equals(ConsumerBytes.PROTOCOL_TYPE);
        case GROUP_METADATA, GROUP_ASSIGNMENT -> {
          if (ofConsumers && walker.valueLength() > 0) {
            GroupBytes.rename(walk, kind, compact, topic -> names.tenant().toBroker(topic));
          }
        }
        default -> {}
      }
    }

    private void onTopic() {
      String name = names.hasAliases() ? walker.text() : "";
      String aliased = names.aliased(name);
      if (aliased == null) {
        addPrefix();
      } else if (changesUnchecked() && names.isReadOnly(name)) {
        problem = Problem.OF_BROKERS;
      } else {
        walk.edits.setText(defer(), aliased, compact);
      }
    }

    /** Whether the topic is changed without a right on it that could be missing. */
    private boolean changesUnchecked() {
      return walker.kind() == FieldKind.CONFIG_VALUE
          || program.layout().message().apiKey() == NamePrograms.ELECT_LEADERS;
    }

    private void addPrefix() {
      int length = walker.valueLength() + names.prefix().length;
      if (length > NameText.MAX_BYTES) {
        throw new MalformedMessage("a name of " + walker.valueLength() + " bytes", walker.start());
      }
      walk.edits.replace(
          walker,
          walker.start(),
          walker.stop() - walker.valueLength(),
          NameText.lengthAnd(length, compact, names.prefix()));
    }

    private void onResource() {
      if (ResourceTypes.isOfTenant(resourceType)) {
        if (walker.valueLength() <= 0) {
          return;
        }
        if (ResourceTypes.isTopic(resourceType)) {
          onTopic();
        } else {
          addPrefix();
        }
      } else {
        problem = Problem.OF_BROKERS;
      }
    }

    private void onTopicId() {
      long high = walker.numberHigh();
      long low = walker.number();
      if (names.isOwn(high, low) || TopicMask.isMasked(high)) {
        return;
      }
      if (++unknownIds > MAX_UNKNOWN) {
        problem = Problem.TOO_MANY_NAMES;
        return;
      }
      if (names.isUnresolved(high, low)) {
        if (unresolved.isEmpty()) {
          unresolved = new ArrayList<>();
        }
        if (unresolved.size() < MAX_ASKED) { // others are asked for afterwards
          unresolved.add(new UUID(high, low));
        }
        return;
      }
      walk.edits.replace(walker, walker.start(), walker.stop(), uuid(Names.masked(high), low));
    }

    private void onClusterId() {
      if (!walker.isNull()) {
        String own = ClusterIds.toBroker(names.tenant(), walker.text());
        walk.edits.setText(defer(), own, compact);
      }
    }

    private void onPattern() {
      if (walker.valueLength() > 0) {
        String pattern = TopicPatterns.toBroker(names.tenant(), walker.text());
        if (pattern == null) {
          problem = Problem.BAD_PATTERN;
        } else {
          walk.edits.setText(defer(), pattern, compact);
        }
      }
    }

    private int defer() {
      return walk.edits.defer(walker, walker.start(), walker.stop());
    }
  }

  static byte[] uuid(long high, long low) {
    byte[] bytes = new byte[2 * Long.BYTES];
    for (int i = 0; i < Long.BYTES; i++) {
      bytes[i] = (byte) (high >>> (8 * (Long.BYTES - 1 - i)));
      bytes[Long.BYTES + i] = (byte) (low >>> (8 * (Long.BYTES - 1 - i)));
    }
    return bytes;
  }
}
