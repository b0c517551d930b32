package io.gatehouse.gateway.tenant;

import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.walk.Outline;
import io.gatehouse.wire.walk.Program;
import io.gatehouse.wire.walk.Walker;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Translates the names in messages with records, which stream: requests to produce, and responses
 * to fetches that name their topics. Each name grows or shrinks by the same number of bytes, so the
 * new length of the message is known when the number of its topics is. Only with aliases the whole
 * message must be seen first. A compact length (KIP-482) may change its width with its value; here
 * it gets one byte more in requests and keeps its width in responses, which all readers of varints
 * accept. Immutable; shared by all sessions of a plan.
 */
public final class StreamedNames {

  public static final int FETCH = 1;

  /** The result of {@link #growth} if the message has not arrived far enough. */
  public static final int UNKNOWN = Integer.MIN_VALUE;

  // The walks by version, shared by all tenants.
  private static final Map<Integer, Program> PRODUCED = new ConcurrentHashMap<>();
  private static final Map<Integer, Program> PRODUCED_WITH_RECORDS = new ConcurrentHashMap<>();
  private static final Map<Integer, Program> FETCHED = new ConcurrentHashMap<>();

  /** More bytes than the names of any request need: 60,000 of the longest. */
  private static final int MAX_GROWTH = 16 << 20;

  /** Null in passthrough, where names only are found. */
  private final @Nullable Names names;

  private final byte[] prefix;
  private final Program program;
  private final boolean compact;
  private final boolean inRequest;

  /** By how many bytes each topic grows; 0 if topics have ids. */
  private final int growthOfTopic;

  private StreamedNames(@Nullable Names names, Program program, boolean inRequest) {
    this.names = names;
    this.prefix = names == null ? new byte[0] : names.prefix();
    this.program = program;
    this.compact = program.layout().flexible();
    this.inRequest = inRequest;
    this.growthOfTopic =
        names == null || !namesTopics(program.layout())
            ? 0
            : inRequest ? prefix.length + (compact ? 1 : 0) : -prefix.length;
  }

  private static boolean namesTopics(Layout layout) {
    return layout.root().fields().stream()
        .filter(field -> field.name().equals("TopicData") || field.name().equals("Responses"))
        .flatMap(field -> field.structOrThrow().fields().stream())
        .anyMatch(field -> field.kind() == FieldKind.TOPIC_NAME);
  }

  /**
   * Those of requests to produce.
   *
   * @param names null in passthrough
   * @param others further fields of interest
   */
  public static StreamedNames ofProduceRequest(
      @Nullable Names names, Layout request, Set<FieldKind> others) {
    Set<FieldKind> kinds = EnumSet.copyOf(others);
    kinds.addAll(EnumSet.of(FieldKind.TRANSACTIONAL_ID, FieldKind.TOPIC_NAME, FieldKind.TOPIC_ID));
    Map<Integer, Program> programs =
        kinds.contains(FieldKind.RECORDS) ? PRODUCED_WITH_RECORDS : PRODUCED;
    return new StreamedNames(
        names,
        programs.computeIfAbsent(
            request.version(), _ -> Program.ofRequest(request, kinds, Outline.of("TopicData"))),
        true);
  }

  /** Those of responses to fetches that name their topics; null for all others. */
  public static @Nullable StreamedNames ofResponse(@Nullable Names names, int apiKey, int version) {
    MessageSchema schema = Schemas.get().response(FETCH);
    if (apiKey != FETCH || schema == null) {
      return null;
    }
    Set<FieldKind> kinds = EnumSet.of(FieldKind.ERROR_CODE, FieldKind.TOPIC_NAME);
    Layout layout = schema.layout(version);
    return namesTopics(layout)
        ? new StreamedNames(
            names,
            FETCHED.computeIfAbsent(
                version, _ -> Program.ofResponse(layout, kinds, Outline.of("Responses"))),
            false)
        : null;
  }

  public Program program() {
    return program;
  }

  /** The length of the prefix of names. */
  public int prefixBytes() {
    return prefix.length;
  }

  /** Whether {@link #growth} must see the whole message. */
  public boolean needsWhole() {
    return growthOfTopic != 0 && names != null && names.hasAliases();
  }

  /** Whether names are replaced, and not only found. */
  public boolean isTranslating() {
    return names != null;
  }

  /**
   * By how many bytes a message grows.
   *
   * @param walker to be used
   * @param position position of the walk's first byte in the message, see {@link Walker#start}
   * @param end position of its end
   * @return {@link #UNKNOWN} if the topics have not arrived
   * @throws MalformedMessage if it is not a message of this kind
   */
  public int growth(Walker walker, int position, int end, ByteBuf in, int from, int to) {
    walker.start(program, position, end);
    walker.feed(in, from, to);
    long growth = 0;
    boolean needsWhole = needsWhole();
    while (true) {
      switch (walker.next()) {
        case MORE -> {
          return UNKNOWN;
        }
        case FINISHED, ARRAY_END -> {
          return (int) growth;
        }
        case ELEMENT_BEGIN -> {
          if (needsWhole) {
            continue;
          }
          growth += (long) walker.arrayCount() * growthOfTopic;
          checkGrowth(growth, walker);
          return (int) growth;
        }
        case FIELD -> {
          boolean grows =
              walker.kind() == FieldKind.TRANSACTIONAL_ID
                  ? walker.valueLength() > 0
                  : needsWhole && walker.kind() == FieldKind.TOPIC_NAME;
          if (names != null && grows) {
            growth += replacement(walker).length - replacedBytes(walker);
            checkGrowth(growth, walker);
          }
        }
        default -> {}
      }
    }
  }

  private static void checkGrowth(long growth, Walker walker) {
    if (growth > MAX_GROWTH) {
      throw new MalformedMessage("too many topics for one request", walker.position());
    }
  }

  /**
   * What replaces the beginning of the name that the walker has reported last, up to {@link
   * #replacedBytes}.
   *
   * @throws MalformedMessage if the name cannot be translated
   */
  public byte[] replacement(Walker walker) {
    if (walker.kind() == FieldKind.TRANSACTIONAL_ID) {
      return lengthAndPrefix(walker);
    }
    String other = otherName(walker);
    if (other != null) {
      byte[] text = other.getBytes(StandardCharsets.UTF_8);
      return NameText.lengthAnd(text.length, compact, text);
    }
    if (!inRequest) {
      String name = walker.isNull() ? "" : walker.text();
      if (names != null && !names.tenant().sees(name)) {
        throw new MalformedMessage("a topic that is not the client's", walker.start());
      }
      byte[] length = new byte[lengthBytes(walker)];
      NameText.writeLength(walker.valueLength() - prefix.length, compact, length.length, length);
      return length;
    }
    if (walker.valueLength() <= 0 || walker.valueLength() + prefix.length > NameText.MAX_BYTES) {
      throw new MalformedMessage(
          "a topic with a name of " + walker.valueLength() + " bytes", walker.start());
    }
    int width = lengthBytes(walker) + (compact ? 1 : 0);
    byte[] bytes = new byte[width + prefix.length];
    NameText.writeLength(walker.valueLength() + prefix.length, compact, width, bytes);
    System.arraycopy(prefix, 0, bytes, width, prefix.length);
    return bytes;
  }

  /** How many bytes {@link #replacement} replaces. */
  public int replacedBytes(Walker walker) {
    int name = inRequest ? 0 : prefix.length;
    return lengthBytes(walker) + (otherName(walker) == null ? name : walker.valueLength());
  }

  /** The name that replaces an alias, or is the alias of a topic; null for other topics. */
  public @Nullable String otherName(Walker walker) {
    if (names == null
        || !names.hasAliases()
        || walker.kind() != FieldKind.TOPIC_NAME
        || walker.isNull()) {
      return null;
    }
    Aliases aliases = names.tenant().aliases();
    return inRequest ? aliases.topic(walker.text()) : aliases.alias(walker.text());
  }

  private byte[] lengthAndPrefix(Walker walker) {
    int length = walker.valueLength() + prefix.length;
    if (length > NameText.MAX_BYTES) {
      throw new MalformedMessage("a name of " + walker.valueLength() + " bytes", walker.start());
    }
    return NameText.lengthAnd(length, compact, prefix);
  }

  private static int lengthBytes(Walker walker) {
    return walker.stop() - walker.start() - walker.valueLength();
  }

  /** Replaces the topic id that the walker has reported last unless it is the tenant's. */
  public void maskTopicId(Walker walker) {
    long high = walker.numberHigh();
    long low = walker.number();
    if (names != null && !TopicMask.isMasked(high) && !names.isOwn(high, low)) {
      walker.setUuid(Names.masked(high), low);
      if (names.isUnresolved(high, low)) {
        var _ = names.topics().resolve(List.of(new UUID(high, low)));
      }
    }
  }

  /**
   * Asks the cluster for the first topic, after {@link #growth} has found where it begins.
   *
   * @return null if there is nothing to wait for
   */
  public @Nullable Future<Void> resolveFirst(Walker walker, TopicIds topics) {
    if (walker.next() == Walker.Step.FIELD && walker.kind() == FieldKind.TOPIC_ID) {
      UUID id = new UUID(walker.numberHigh(), walker.number());
      return topics.isUnresolved(id) ? topics.resolve(List.of(id)) : null;
    }
    return null;
  }
}
