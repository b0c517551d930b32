package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.authorize.AclAnswers.Result;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.security.RawSasl;
import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Listener;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares answers to the same requests with those of a broker with {@code StandardAuthorizer}. */
class AclRequestsOracleIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final User ALICE = User.named("alice");
  private static final int REQUESTS = 1500;
  private static final int UNKNOWN_SERVER_ERROR = -1;

  private static KafkaCluster cluster;

  private final MemoryAclStore store = new MemoryAclStore();
  private final Map<User, RawClient> clients = new HashMap<>();
  private final Map<String, Integer> seen = new TreeMap<>();

  @BeforeAll
  static void start() {
    cluster =
        KafkaCluster.of(KafkaVersion.V4_4, 1)
            .withAuthorizer("User:root")
            .with(Listener.sasl("SASL").plain("root", "root-secret").plain("alice", "alice-secret"))
            .start();
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  void answersAreThoseOfKafka() throws IOException {
    for (int i = 0; i < REQUESTS; i++) {
      RandomGenerator random = Seed.random("acls", i);
      User user = random.nextInt(3) == 0 ? ALICE : MemoryAclStore.ROOT;
      int api = random.nextInt(AclRequests.DESCRIBE, AclRequests.DELETE + 1);
      byte[] request = new RandomAclRequests(random).request(api, random.nextInt(1, 4));
      Caller caller = store.caller(user);
      if (user.equals(ALICE)) {
        awaitRights(caller);
      }
      List<Result> kafkas = send(user, request);
      List<Result> ours = AclAnswers.ask(caller, request);
      String what =
          "%s: request %d %s".formatted(Seed.replay(), i, HexFormat.of().formatHex(request));
      compare(what, user, ours, kafkas);
      if (api != AclRequests.DESCRIBE) {
        awaitRules(what);
      }
    }
    // Also alice has had rights at times.
    assertThat(seen)
        .containsKeys("closed", "failed", "denied", "alice 0", "root 0", "root 0 with rules")
        .hasSizeGreaterThan(15);
  }

  private void compare(String what, User user, List<Result> ours, @Nullable List<Result> kafkas) {
    if (kafkas == null) {
      boolean denied = ours.stream().anyMatch(AclRequestsOracleIT::isDenied);
      count(denied ? "closed and denied" : "closed");
      if (!denied) {
        assertSpoiled(what, ours);
      }
      return;
    }
    assertThat(ours).as(what).hasSameSizeAs(kafkas);
    for (int i = 0; i < kafkas.size(); i++) {
      Result kafka = kafkas.get(i);
      if (kafka.code() == UNKNOWN_SERVER_ERROR) {
        count("failed");
        assertSpoiled(what, ours);
        return;
      }
      count(kind(user, kafka));
      assertThat(comparable(ours.get(i))).as(what).isEqualTo(comparable(kafka));
    }
  }

  private static String kind(User user, Result result) {
    if (isDenied(result)) {
      return "denied";
    }
    return result.code() != 0
        ? shown(result)
        : user.name() + " 0" + (result.rules().isEmpty() ? "" : " with rules");
  }

  /** Kafka does nothing of such a request; here each element has an error that tells why. */
  private static void assertSpoiled(String what, List<Result> ours) {
    assertThat(ours)
        .as(what)
        .isNotEmpty()
        .allSatisfy(one -> {
          assertThat(one.code()).isEqualTo(ErrorCode.INVALID_REQUEST.number());
          assertThat(one.message()).contains("must not be ");
          assertThat(one.rules()).isEmpty();
        });
  }

  /** Without what may differ: how a missing right and an invalid network are put into words. */
  private static Result comparable(Result result) {
    return new Result(result.code(), shown(result), result.rules());
  }

  private static String shown(Result result) {
    String message = String.valueOf(result.message());
    if (isDenied(result)) {
      return "denied";
    }
    return message.replaceFirst("(Invalid CIDR notation '.*': ).*", "$1");
  }

  private static boolean isDenied(Result result) {
    return result.code() == ErrorCode.CLUSTER_AUTHORIZATION_FAILED.number();
  }

  private void count(String kind) {
    seen.merge(kind, 1, Integer::sum);
  }

  /** Waits until the broker's authorizer has the rules that are expected. */
  private void awaitRules(String what) {
    byte[] all = RandomAclRequests.all();
    List<Result> expected = AclAnswers.ask(store.caller(MemoryAclStore.ROOT), all);
    AtomicReference<@Nullable Object> found = new AtomicReference<>();
    Await.until(
        () -> what + ": expected " + expected + ", found " + found,
        () -> {
          found.set(send(MemoryAclStore.ROOT, all));
          return expected.equals(found.get());
        });
  }

  /** Waits until the controller's and the broker's authorizers know the rights of a client. */
  private void awaitRights(Caller caller) {
    // Nobody knows such a resource type, so that nothing is deleted.
    Struct filters = Frames.newRequest(AclRequests.DELETE, 3);
    RandomAclRequests.any(filters.addStruct("Filters")).set("ResourceTypeFilter", 99);
    Struct names = RandomAclRequests.any(Frames.newRequest(AclRequests.DESCRIBE, 3));
    for (byte[] request :
        List.of(
            Frames.request(AclRequests.DELETE, 3, 5, filters),
            Frames.request(AclRequests.DESCRIBE, 3, 5, names.set("ResourceTypeFilter", 99)))) {
      int expected = AclAnswers.ask(caller, request).getFirst().code();
      Await.until(
          () -> caller + ": expected " + expected,
          () -> code(send(caller.user(), request)) == expected);
    }
  }

  private static int code(@Nullable List<Result> results) {
    return results == null ? Integer.MIN_VALUE : results.getFirst().code();
  }

  /** The broker's answer, or null if it closes the connection. */
  private @Nullable List<Result> send(User user, byte[] request) throws IOException {
    RawClient client = clients.get(user);
    if (client == null) {
      client = RawClient.connect("127.0.0.1", cluster.broker(0).port("SASL"));
      clients.put(user, client);
      assertThat(RawSasl.plain(client, user.name(), user.name() + "-secret")).isZero();
    }
    try {
      return AclAnswers.read(request, client.sendFrame(request).readFrame(LIMIT));
    } catch (EOFException | SocketException e) {
      clients.remove(user, client);
      client.close();
      return null;
    }
  }
}
