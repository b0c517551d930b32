package io.gatehouse.wire.refuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.wire.Damage;
import io.gatehouse.wire.Messages;
import io.gatehouse.wire.Seed;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.Oracle;
import io.gatehouse.wire.tree.RandomTree;
import io.gatehouse.wire.tree.Struct;
import io.gatehouse.wire.tree.TreeReader;
import io.gatehouse.wire.tree.TreeWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares error responses of every API and version with those of Kafka's request classes. */
class ErrorResponseTest {

  private static final int CLUSTER_AUTHORIZATION_FAILED = 31;
  private static final int PRODUCE = 0;
  private static final int FETCH = 1;
  private static final int METADATA = 3;
  private static final int DESCRIBE_GROUPS = 15;
  private static final int DELETE_TOPICS = 20;
  private static final int ROUNDS = 30;

  /** APIs whose class merges duplicates of the request into one error. */
  private static final Set<String> MERGED =
      Set.of("ProduceResponse", "AlterUserScramCredentialsResponse");

  /** APIs whose class drops a marker if the next one has the same producer. */
  private static final String FORGETFUL = "WriteTxnMarkersResponse";

  private static final Set<String> NUMBERS_THAT_ARE_KEYS =
      Set.of("PartitionIndex", "Partition", "Index", "PartitionId", "ResourceType", "SessionId");

  static Stream<String> requests() {
    return Messages.calls().filter(name -> name.endsWith("Request"));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void theErrorsAreKafkas(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          int compared = 0;
          for (int round = 0; round < ROUNDS; round++) {
            compared += compare(layout, Seed.random("refused", name, layout.version(), round));
          }
          assertThat(compared).as("compared for %s", described(layout)).isPositive();
        });
  }

  private static int compare(Layout layout, RandomGenerator random) {
    Struct request = RandomTree.of(layout, random);
    repeatSome(request, random);
    if (layout.message().name().contains("Acls")) {
      chooseKnown(request);
    }
    Struct theirs;
    try {
      theirs = kafkas(layout, body(request));
    } catch (IllegalArgumentException | NullPointerException e) {
      return 0; // Kafka's class fails for this request: null records, null users
    }
    Struct ours;
    try {
      ours = ours(layout, body(request));
    } catch (NoResponse e) {
      assertThat(theirs).as("%s, %s", e.getMessage(), described(layout)).isNull();
      return 1;
    }
    assertThat(theirs).as(described(layout)).isNotNull();
    Oracle.read(response(layout.message().apiKey(), layout.version()), body(ours));
    List<String> expected = errors(theirs);
    List<String> found = errors(ours);
    if (ours.layout().name().equals(FORGETFUL)) {
      assertThat(found).as(described(layout)).containsAll(expected);
    } else if (MERGED.contains(ours.layout().name())) {
      assertThat(new TreeSet<>(found)).as(described(layout)).isEqualTo(new TreeSet<>(expected));
    } else {
      assertThat(found).as(described(layout)).isEqualTo(expected);
    }
    return 1;
  }

  /** Duplicates some elements of arrays. */
  private static void repeatSome(Struct struct, RandomGenerator random) {
    for (FieldLayout field : struct.layout().fields()) {
      if (field.array() && struct.get(field.name()) instanceof List<?> list && !list.isEmpty()) {
        for (Object each : list) {
          if (each instanceof Struct inner) {
            repeatSome(inner, random);
          }
        }
        if (random.nextInt(3) == 0) {
          List<Object> more = new ArrayList<>(list);
          more.add(list.get(random.nextInt(list.size())));
          struct.set(field.name(), more);
        }
      }
    }
  }

  /** Values that Kafka's classes do not read, because they have no enum constant for them. */
  private static void chooseKnown(Struct struct) {
    for (FieldLayout field : struct.layout().fields()) {
      if (field.type() == FieldType.INT8) {
        struct.set(field.name(), (byte) 3);
      } else if (field.array()) {
        struct.getStructs(field.name()).forEach(ErrorResponseTest::chooseKnown);
      }
    }
  }

  private static @Nullable Struct kafkas(Layout request, byte[] body) {
    short version = (short) request.version();
    int apiKey = request.message().apiKey();
    AbstractRequest parsed =
        AbstractRequest.parseRequest(
                ApiKeys.forId(apiKey), version, new ByteBufferAccessor(ByteBuffer.wrap(body)))
            .request;
    AbstractResponse response =
        parsed.getErrorResponse(0, new ClusterAuthorizationException("refused"));
    return response == null
        ? null
        : TreeReader.readWhole(
            response(apiKey, version),
            Unpooled.wrappedBuffer(Oracle.write(response.data(), version)));
  }

  /** Gatehouse's response as a tree: Kafka's classes take quadratic time to read some of these. */
  private static Struct ours(Layout request, byte[] body) throws NoResponse {
    int apiKey = request.message().apiKey();
    int version = request.version();
    return read(apiKey, version, Unpooled.wrappedBuffer(write(request, body)));
  }

  private static Struct read(int apiKey, int version, ByteBuf frame) {
    assertThat(frame.readInt()).isEqualTo(frame.readableBytes());
    assertThat(Headers.readResponse(apiKey, version, frame).getInt("CorrelationId")).isEqualTo(77);
    byte[] answer = new byte[frame.readableBytes()];
    frame.readBytes(answer);
    return TreeReader.readWhole(response(apiKey, version), Unpooled.wrappedBuffer(answer));
  }

  private static Layout response(int apiKey, int version) {
    return Objects.requireNonNull(Schemas.get().response(apiKey)).layout(version);
  }

  /** The response frame to a request with this body. */
  private static byte[] write(Layout request, byte[] body) throws NoResponse {
    int apiKey = request.message().apiKey();
    ByteBuf frame = Unpooled.buffer().writeInt(0);
    TreeWriter.write(Headers.request(apiKey, request.version(), 77, "client"), frame);
    frame.writeBytes(body).setInt(0, frame.writerIndex() - 4);
    ErrorResponse errors =
        Objects.requireNonNull(ErrorResponse.to(apiKey, request.version()), "a known version");
    ByteBuf written =
        errors.write(
            frame, CLUSTER_AUTHORIZATION_FAILED, "refused", UnpooledByteBufAllocator.DEFAULT);
    byte[] bytes = new byte[written.readableBytes()];
    written.readBytes(bytes).release();
    assertThat(frame.readerIndex()).isZero();
    assertThat(bytes.length).isLessThanOrEqualTo(ErrorResponse.MOST_BYTES);
    return bytes;
  }

  private static byte[] body(Struct struct) {
    ByteBuf out = Unpooled.buffer();
    TreeWriter.write(struct, out);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** The error codes of a response with the names they belong to, sorted. */
  private static List<String> errors(@Nullable Struct response) {
    List<String> errors = new ArrayList<>();
    collect(Objects.requireNonNull(response), "", errors);
    Collections.sort(errors);
    return errors;
  }

  private static void collect(Struct struct, String path, List<String> errors) {
    StringBuilder line = new StringBuilder(path);
    boolean tells = !path.isEmpty() && isLeaf(struct);
    for (FieldLayout field : struct.layout().fields()) {
      if (field.array()) {
        continue;
      }
      if (field.kind() == FieldKind.ERROR_CODE || isKey(path, field)) {
        Object value = struct.get(field.name());
        line.append(' ').append(field.name()).append('=').append(value == null ? "" : value);
        tells |= field.kind() == FieldKind.ERROR_CODE;
      }
    }
    if (tells) {
      errors.add(line.toString());
    }
    for (FieldLayout field : struct.layout().fields()) {
      if (field.array() && field.type() == FieldType.STRUCT && !isEmpty(struct, field)) {
        for (Struct each : struct.getStructs(field.name())) {
          collect(each, line + "/" + field.name(), errors);
        }
      }
    }
  }

  private static boolean isLeaf(Struct struct) {
    return struct.layout().fields().stream()
        .noneMatch(field -> field.array() && field.type() == FieldType.STRUCT);
  }

  private static boolean isEmpty(Struct struct, FieldLayout array) {
    return struct.get(array.name()) == null;
  }

  private static boolean isKey(String path, FieldLayout field) {
    if (field.name().equals("User") && path.contains("ErrorCode")) {
      return false; // DescribeUserScramCredentials: Kafka's class leaves out the users
    }
    return switch (field.type()) {
      case STRING -> !path.isEmpty() && !field.name().endsWith("ErrorMessage");
      case UUID -> !path.isEmpty();
      default ->
          NUMBERS_THAT_ARE_KEYS.contains(field.name())
              || (!path.isEmpty() && field.kind() == FieldKind.PRODUCER_ID);
    };
  }

  private static String described(Layout layout) {
    return layout.message().name() + " v" + layout.version() + ", " + Seed.replay();
  }

  // ---- sizes ------------------------------------------------------------------------------------

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void manyEqualTopicsAreAnsweredOneByOne() throws Exception {
    Layout layout = request(DELETE_TOPICS, 5);
    int topics = 30_000; // 60 KB; Kafka's class needs minutes
    Struct request =
        Struct.of(layout).set("TopicNames", Collections.nCopies(topics, "")).set("TimeoutMs", 1);

    Struct response = ours(layout, body(request));

    assertThat(response.getStructs("Responses"))
        .hasSize(topics)
        .allMatch(each -> each.getInt("ErrorCode") == CLUSTER_AUTHORIZATION_FAILED);
    assertThat(response.getStructs("Responses").getFirst().getString("ErrorMessage"))
        .isEqualTo("refused");
    assertThat(response.getStructs("Responses").getLast().get("ErrorMessage")).isNull();
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void aMegabyteOfGroupsHasNoAnswer() {
    Layout layout = request(DESCRIBE_GROUPS, 5);
    byte[] request = body(Struct.of(layout).set("Groups", Collections.nCopies(1_000_000, "")));

    assertThatThrownBy(() -> write(layout, request))
        .isInstanceOf(NoResponse.class)
        .hasMessageContaining("more than one answer may tell");
  }

  @Test
  void longNamesAreBoundedByTheBytesOfTheAnswer() {
    Layout layout = request(DESCRIBE_GROUPS, 0);
    byte[] request =
        body(Struct.of(layout).set("Groups", Collections.nCopies(35, "g".repeat(30_000))));

    assertThatThrownBy(() -> write(layout, request)).isInstanceOf(NoResponse.class);
  }

  @Test
  void aRequestAboveTheLimitsGetsTheTopLevelErrorOnly() throws Exception {
    Layout layout = request(FETCH, 12);
    Struct request = Struct.of(layout);
    Struct topic = request.addStruct("Topics").set("Topic", "t");
    for (int i = 0; i < ErrorResponse.MOST_ELEMENTS; i++) {
      topic.addStruct("Partitions").set("Partition", i);
    }

    Struct response = ours(layout, body(request));

    assertThat(response.getInt("ErrorCode")).isEqualTo(CLUSTER_AUTHORIZATION_FAILED);
    assertThat(response.getStructs("Responses")).isEmpty();
  }

  @Test
  void asManyPartitionsAsClustersHaveAreAnsweredOneByOne() throws Exception {
    Layout layout = request(FETCH, 12);
    Struct request = Struct.of(layout).set("SessionId", 9);
    for (int t = 0; t < 100; t++) {
      Struct topic = request.addStruct("Topics").set("Topic", "topic-" + t);
      for (int i = 0; i < 200; i++) {
        topic.addStruct("Partitions").set("Partition", i);
      }
    }

    Struct response = ours(layout, body(request));

    assertThat(response.getInt("SessionId")).isEqualTo(9);
    assertThat(response.getStructs("Responses"))
        .hasSize(100)
        .allSatisfy(topic -> assertThat(topic.getStructs("Partitions")).hasSize(200));
  }

  /** For a request that is no longer available. */
  @ParameterizedTest
  @MethodSource("requests")
  void aTopLevelErrorIsWrittenWithoutTheRequest(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          int apiKey = layout.message().apiKey();
          int version = layout.version();
          ErrorResponse errors = Objects.requireNonNull(ErrorResponse.to(apiKey, version));
          boolean onTop = Struct.of(response(apiKey, version)).has("ErrorCode");
          try {
            ByteBuf written =
                errors.writeOnTop(
                    77, CLUSTER_AUTHORIZATION_FAILED, "refused", UnpooledByteBufAllocator.DEFAULT);
            assertThat(read(apiKey, version, written).getInt("ErrorCode"))
                .isEqualTo(CLUSTER_AUTHORIZATION_FAILED);
            assertThat(written.release()).isTrue();
          } catch (NoResponse e) {
            assertThat(onTop).as(described(layout)).isFalse();
          }
        });
  }

  // ---- requests without a response
  // ---------------------------------------------------------------

  @Test
  void aProducerThatWantsNoAnswerGetsNone() {
    Layout layout = request(PRODUCE, 9);
    byte[] request = body(Struct.of(layout).set("Acks", (short) 0));

    assertThatThrownBy(() -> write(layout, request))
        .isInstanceOf(NoResponse.class)
        .hasMessage("it asks for no answer");
  }

  @Test
  void unknownApisAndVersionsHaveNone() {
    MessageSchema metadata = Objects.requireNonNull(Schemas.get().request(METADATA));

    assertThat(ErrorResponse.to(METADATA, metadata.valid().highest() + 1)).isNull();
    assertThat(ErrorResponse.to(METADATA, -1)).isNull();
    assertThat(ErrorResponse.to(-1, 0)).isNull();
    assertThat(ErrorResponse.to(700, 0)).isNull();
    assertThat(ErrorResponse.to(4, 0)).as("LeaderAndIsr, which has no version left").isNull();
  }

  /** A corrupt request gets a response or none, without other effects. */
  @ParameterizedTest
  @MethodSource("requests")
  void corruptRequestsAreHandled(String name) {
    Messages.layouts(name)
        .forEach(layout -> {
          for (int round = 0; round < ROUNDS; round++) {
            RandomGenerator random = Seed.random("damaged", name, layout.version(), round);
            byte[] bytes = Damage.to(body(RandomTree.of(layout, random)), random);
            try {
              ours(layout, bytes);
            } catch (NoResponse e) {
              assertThat(e.getMessage()).as(described(layout)).isNotEmpty();
            }
          }
        });
  }

  private static Layout request(int apiKey, int version) {
    return Objects.requireNonNull(Schemas.get().request(apiKey)).layout(version);
  }
}
