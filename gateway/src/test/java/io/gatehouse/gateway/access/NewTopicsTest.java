package io.gatehouse.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.access.RequestAuthorizer.Outcome;
import io.gatehouse.gateway.cluster.CreatedTopics;
import io.gatehouse.gateway.cluster.CreatedTopics.NewTopic;
import io.gatehouse.gateway.cluster.TopicIds;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.tenant.Tenant;
import io.gatehouse.gateway.tenant.TopicRules;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Requests for metadata that brokers would answer by creating topics. */
class NewTopicsTest {

  private static final int INVALID_REPLICATION_FACTOR = 38;

  /** For short tests, which leave the memory to the garbage collector. */
  private static final UnpooledByteBufAllocator ALLOCATOR =
      new UnpooledByteBufAllocator(false, true);

  private final TopicIds ids = new TopicIds();
  private final Set<String> existing = new HashSet<>(Set.of("team.there"));
  private final List<NewTopic> created = new ArrayList<>();

  NewTopicsTest() {
    var here = ImmediateEventExecutor.INSTANCE;
    ids.existing()
        .setLookup(names -> {
          Set<String> found = new HashSet<>(names);
          found.retainAll(existing);
          return here.newSucceededFuture(found);
        });
    ids.created()
        .setCreator(topics -> {
          created.addAll(topics);
          return here.newSucceededFuture(
              Map.of(
                  "team.wrong", new CreatedTopics.Failure(INVALID_REPLICATION_FACTOR, "too many")));
        });
  }

  private Outcome check(boolean autoCreate, Map<String, String> configs, ByteBuf frame) {
    var rules =
        new TopicRules(autoCreate, new TopicRules.Defaults(3, 2, configs), TopicRules.Limits.NONE);
    VisibleTopics topics = new VisibleTopics(ids, new Tenant("team", "team.", rules));
    RequestAuthorizer authorizer =
        Objects.requireNonNull(RequestAuthorizer.of(Frames.METADATA, frame.getShort(6), topics));
    Outcome outcome = authorizer.check(null, frame, (_, _) -> {});
    while (outcome instanceof Outcome.Later(var resolved)) {
      assertThat(resolved.isSuccess()).isTrue();
      outcome = authorizer.check(null, frame, (_, _) -> {});
    }
    return outcome;
  }

  private static ByteBuf metadata(int version, boolean allowed, String... names) {
    Struct body = Frames.newRequest(Frames.METADATA, version);
    body.set("Topics", List.of()).setIfPresent("AllowAutoTopicCreation", allowed);
    for (String name : names) {
      body.addStruct("Topics").set("Name", name);
    }
    byte[] request = Frames.request(Frames.METADATA, version, 7, body);
    return ALLOCATOR.directBuffer().writeInt(request.length).writeBytes(request);
  }

  private static Struct sent(int version, ByteBuf frame) {
    return RequestFrames.read(Frames.requestLayout(Frames.METADATA, version), frame);
  }

  private static List<String> names(Struct message) {
    return message.getStructs("Topics").stream().map(topic -> topic.getString("Name")).toList();
  }

  /** The error codes of the topics that a broker did not get to know. */
  private static Map<String, Integer> missing(int version, Outcome.Partly outcome) {
    var layout = Objects.requireNonNull(Schemas.get().response(Frames.METADATA)).layout(version);
    ByteBuf response = RequestFrames.response(layout, 7, Struct.of(layout), ALLOCATOR);
    Struct told = RequestFrames.readResponse(layout, outcome.missing().addedTo(response));
    return told.getStructs("Topics").stream()
        .collect(
            Collectors.toMap(topic -> topic.getString("Name"), topic -> topic.getInt("ErrorCode")));
  }

  @Test
  void brokersAreToldNotToCreate() {
    Outcome outcome = check(false, Map.of(), metadata(9, true, "there", "missing"));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Changed.class,
            changed -> {
              Struct request = sent(9, changed.frame());
              assertThat(request.getBoolean("AllowAutoTopicCreation")).isFalse();
              assertThat(names(request)).containsExactly("there", "missing");
            });
    assertThat(check(false, Map.of(), metadata(9, false, "missing"))).isEqualTo(Outcome.ALLOWED);
    assertThat(created).isEmpty();
  }

  @Test
  void oldRequestsNameWhatExists() {
    Outcome outcome = check(false, Map.of(), metadata(1, true, "there", "missing"));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Partly.class,
            partly -> {
              assertThat(names(sent(1, partly.frame()))).containsExactly("there");
              assertThat(missing(1, partly))
                  .isEqualTo(
                      Map.of("missing", (int) ErrorCode.UNKNOWN_TOPIC_OR_PARTITION.number()));
            });
    // None would stand for all.
    assertThat(check(false, Map.of(), metadata(0, true, "missing")))
        .isInstanceOfSatisfying(
            Outcome.Partly.class,
            partly -> assertThat(names(sent(0, partly.frame()))).containsExactly(""));
    assertThat(created).isEmpty();
  }

  @Test
  void theGatewayCreatesByTheRules() {
    Map<String, String> configs = Map.of("retention.ms", "1");
    Outcome outcome = check(true, configs, metadata(9, true, "there", "missing", "wrong"));
    assertThat(created)
        .containsExactlyInAnyOrder(
            new NewTopic("team.missing", 3, 2, configs), new NewTopic("team.wrong", 3, 2, configs));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Partly.class,
            partly -> {
              Struct request = sent(9, partly.frame());
              assertThat(request.getBoolean("AllowAutoTopicCreation")).isFalse();
              assertThat(names(request)).containsExactly("there", "missing");
              assertThat(missing(9, partly)).isEqualTo(Map.of("wrong", INVALID_REPLICATION_FACTOR));
            });
    created.clear();
    check(true, configs, metadata(9, true, "missing", "wrong"));
    assertThat(created).as("what was tried a moment ago").isEmpty();
  }
}
