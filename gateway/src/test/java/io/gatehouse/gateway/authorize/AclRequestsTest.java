package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclStore.NotKeptException;
import io.gatehouse.gateway.acl.AclStore.Reason;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.authorize.AclAnswers.Result;
import io.gatehouse.gateway.authorize.AclAnswers.Rule;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link AclRequestsOracleIT} compares answers with Kafka's. */
class AclRequestsTest {

  private static final User ALICE = User.named("alice");
  private static final User ROOT = MemoryAclStore.ROOT;
  private static final Rule READ = new Rule(2, "orders", 3, "User:alice", "*", 3, 3);

  private final MemoryAclStore store = new MemoryAclStore();

  private static AclBinding rule(String topic, String user) {
    return new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        Principal.user(user),
        "*",
        Operation.READ,
        Permission.ALLOW);
  }

  private static Struct creation(Struct request, Rule rule) {
    return request
        .addStruct("Creations")
        .set("ResourceType", rule.type())
        .set("ResourceName", rule.name())
        .setIfPresent("ResourcePatternType", rule.pattern())
        .set("Principal", rule.principal())
        .set("Host", rule.host())
        .set("Operation", rule.operation())
        .set("PermissionType", rule.allow());
  }

  private static byte[] create(int version, Rule... rules) {
    Struct request = Frames.newRequest(AclRequests.CREATE, version);
    for (Rule rule : rules) {
      creation(request, rule);
    }
    return Frames.request(AclRequests.CREATE, version, 7, request);
  }

  /** A request to delete all rules, as often as told. */
  private static byte[] deleteAll(int version, int filters) {
    Struct request = Frames.newRequest(AclRequests.DELETE, version);
    for (int i = 0; i < filters; i++) {
      RandomAclRequests.any(request.addStruct("Filters"));
    }
    return Frames.request(AclRequests.DELETE, version, 8, request);
  }

  private static byte[] describeAll(int version) {
    Struct request = RandomAclRequests.any(Frames.newRequest(AclRequests.DESCRIBE, version));
    return Frames.request(AclRequests.DESCRIBE, version, 9, request);
  }

  private List<Result> ask(User user, byte[] request) {
    return AclAnswers.ask(store.caller(user), request);
  }

  private static List<Integer> codes(List<Result> results) {
    return results.stream().map(Result::code).toList();
  }

  @Test
  void onlyTheThreeApisHaveAStep() {
    for (int api = -1; api < 100; api++) {
      boolean expected = api == 29 || api == 30 || api == 31;
      assertThat(AclRequests.step(api) != null).as("api %d", api).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void rulesAreCreatedDescribedAndDeleted(int version) {
    assertThat(codes(ask(ROOT, create(version, READ, READ)))).containsExactly(0, 0);
    assertThat(store.rules()).containsExactly(rule("orders", "alice"));
    assertThat(ask(ROOT, describeAll(version)).getFirst().rules()).containsExactly(READ);
    List<Result> deleted = ask(ROOT, deleteAll(version, 2));
    assertThat(deleted.stream().map(Result::rules))
        .allSatisfy(rules -> assertThat(rules).containsExactly(READ))
        .hasSize(2);
    assertThat(store.rules()).isEmpty();
    assertThat(store.actors()).containsOnly(ROOT).hasSize(2);
  }

  /** A filter of version 0 cannot name the type of patterns; it does not select prefixes. */
  @Test
  void oldFiltersSelectLiteralPatternsOnly() {
    Rule prefix = new Rule(2, "orders", 4, "User:alice", "*", 3, 3);
    ask(ROOT, create(1, READ, prefix));
    assertThat(ask(ROOT, describeAll(0)).getFirst().rules()).containsExactly(READ);
    assertThat(ask(ROOT, deleteAll(0, 1)).getFirst().rules()).containsExactly(READ);
    assertThat(ask(ROOT, describeAll(1)).getFirst().rules()).containsExactly(prefix);
  }

  @Test
  void clientsNeedRights() {
    Integer denied = (int) ErrorCode.CLUSTER_AUTHORIZATION_FAILED.number();
    assertThat(codes(ask(ALICE, create(3, READ, READ)))).containsExactly(denied, denied);
    assertThat(codes(ask(ALICE, deleteAll(3, 1)))).containsExactly(denied);
    assertThat(codes(ask(ALICE, describeAll(3)))).containsExactly(denied);
    assertThat(store.actors()).isEmpty();

    ask(ROOT, create(3, new Rule(4, "kafka-cluster", 3, "User:alice", "*", 8, 3)));
    assertThat(codes(ask(ALICE, describeAll(3)))).containsExactly(0);
    assertThat(codes(ask(ALICE, create(3, READ)))).containsExactly(denied);
    ask(ROOT, create(3, new Rule(4, "kafka-cluster", 3, "User:alice", "*", 7, 3)));
    assertThat(codes(ask(ALICE, create(3, READ)))).containsExactly(0);
    assertThat(codes(ask(ALICE, deleteAll(3, 1)))).containsExactly(0);
  }

  @Test
  void rulesThatAreManagedElsewhereAreDescribedButNotChanged() {
    ask(ROOT, create(3, READ));
    Caller.Access access = Objects.requireNonNull(store.caller(ROOT).access());
    Caller caller =
        new Caller(ROOT, "PLAIN", "test", new Caller.Access(access.rights(), "::1", null));
    assertThat(AclAnswers.ask(caller, describeAll(3)).getFirst().rules()).containsExactly(READ);
    for (byte[] request : List.of(create(3, READ), deleteAll(3, 1))) {
      Result refused = AclAnswers.ask(caller, request).getFirst();
      assertThat(refused.code()).isEqualTo(ErrorCode.POLICY_VIOLATION.number());
      assertThat(refused.message()).contains("managed at the gateway");
    }
    assertThat(store.rules()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource
  void changesThatCannotBeKeptAreErrors(Reason reason) {
    store.failWith(new NotKeptException(reason, "it is so"));
    Rule invalid = new Rule(2, "", 3, "User:alice", "*", 3, 3);
    ErrorCode expected =
        reason == Reason.UNAVAILABLE ? ErrorCode.REQUEST_TIMED_OUT : ErrorCode.INVALID_REQUEST;
    List<Result> results = ask(ROOT, create(3, READ, invalid));
    assertThat(results.getFirst().code()).isEqualTo(expected.number());
    assertThat(results.getFirst().message()).isEqualTo("it is so");
    assertThat(results.getLast().message()).isEqualTo("Invalid empty resource name");
    assertThat(ask(ROOT, deleteAll(3, 1)).getFirst().code()).isEqualTo(expected.number());
  }

  @Test
  void theAuditLogTellsOfChanges() {
    Rule quoted = new Rule(2, "a'; b", 4, "User:bob", "10.0.0.0/8", 2, 2);
    Rule invalid = new Rule(2, "", 3, "User:alice", "*", 3, 3);
    Decision.Audited created = audited(create(3, READ, invalid, quoted));
    assertThat(created.api()).isEqualTo("CreateAcls");
    assertThat(created.success()).isFalse();
    assertThat(created.detail())
        .isEqualTo(
            "created: 'ALLOW User:alice READ on TOPIC LITERAL orders from *'; INVALID_REQUEST;"
                + " 'DENY User:bob ALL on TOPIC PREFIXED a?; b from 10.0.0.0/8'");
    Decision.Audited deleted = audited(deleteAll(3, 2));
    assertThat(deleted.api()).isEqualTo("DeleteAcls");
    assertThat(deleted.success()).isTrue();
    assertThat(deleted.detail())
        .startsWith("2 deleted: 'ALLOW User:alice READ on TOPIC LITERAL orders from *', 'DENY")
        .contains("'; 'ALLOW");
  }

  private Decision.Audited audited(byte[] request) {
    Decision.Answer answer = (Decision.Answer) AclAnswers.decide(store.caller(ROOT), request);
    answer.frame().release();
    return Objects.requireNonNull(answer.audited());
  }

  @Test
  void requestsAreBounded() {
    byte[] large = Arrays.copyOf(create(3, READ), (1 << 20) + 1);
    assertThat(AclAnswers.decide(store.caller(ROOT), large))
        .isInstanceOfSatisfying(
            Decision.Refuse.class,
            refuse ->
                assertThat(refuse.refusal().cause()).isEqualTo(RefusalReason.REQUEST_TOO_LARGE));

    Rule[] many =
        IntStream.rangeClosed(0, AclRequests.MOST_CHANGED)
            .mapToObj(i -> new Rule(2, "t" + i, 3, "User:alice", "*", 3, 3))
            .toArray(Rule[]::new);
    assertAllInvalid(ask(ROOT, create(3, many)), "create at most 10000 rules");
    assertThat(store.actors()).isEmpty();
    assertThat(codes(ask(ROOT, create(3, Arrays.copyOf(many, many.length - 1))))).containsOnly(0);
    assertAllInvalid(ask(ROOT, deleteAll(3, 2)), "delete at most 10000 rules");
    assertAllInvalid(ask(ROOT, deleteAll(3, 10_001)), "give at most 10000 filters");
    assertThat(ask(ROOT, deleteAll(3, 1)).getFirst().rules()).hasSize(AclRequests.MOST_CHANGED);
  }

  private static void assertAllInvalid(List<Result> results, String message) {
    assertThat(results)
        .isNotEmpty()
        .allSatisfy(one -> {
          assertThat(one.code()).isEqualTo(ErrorCode.INVALID_REQUEST.number());
          assertThat(one.message()).startsWith(message);
          assertThat(one.rules()).isEmpty();
        });
  }

  @Test
  void answersAreBounded() {
    String name = "x".repeat(30_000);
    store.add(IntStream.range(0, 1117).mapToObj(i -> rule(name + i, "alice")).toList());
    Decision.Answer all = (Decision.Answer) AclAnswers.decide(store.caller(ROOT), describeAll(3));
    assertThat(all.frame().readableBytes()).isBetween(32_000_000, AclRequests.MOST_BYTES + 100);
    all.frame().release();
    store.add(List.of(rule(name, "alice")));
    assertAllInvalid(ask(ROOT, describeAll(3)), "these are too many rules");
    assertAllInvalid(ask(ROOT, deleteAll(3, 1)), "delete at most");
  }

  /** Each of these bytes is read as a character of three, so the name does not fit an answer. */
  @Test
  void textsThatGrowAreRefused() {
    byte[] request = create(1, new Rule(2, "~".repeat(11_000), 3, "User:alice", "*", 3, 3));
    for (int i = 0; i < request.length; i++) {
      request[i] = request[i] == '~' ? (byte) 0xff : request[i];
    }
    assertAllInvalid(ask(ROOT, request), "The texts of the rule are too long");
    Rule noPrincipal = new Rule(2, "a", 3, "x".repeat(32_767), "*", 3, 3);
    Result refused = ask(ROOT, create(3, noPrincipal)).getFirst();
    assertThat(refused.message()).hasSizeLessThan(400).contains("xxx...` (no colon");
  }

  @Test
  void onlyAFewRequestsAreCarriedOutAtOnce() {
    CountDownLatch open = new CountDownLatch(1);
    Caller caller = new MemoryAclStore(open).caller(ROOT);
    byte[] request = create(3, READ);
    RequestStep step = Objects.requireNonNull(AclRequests.step(AclRequests.CREATE));
    List<Decision> decisions =
        IntStream.range(0, 9)
            .mapToObj(_ -> step.onRequest(caller, Unpooled.wrappedBuffer(Frames.framed(request))))
            .toList();
    open.countDown();
    assertThat(decisions.subList(0, 8)).hasOnlyElementsOfType(Decision.Wait.class);
    assertThat(decisions.getLast())
        .isInstanceOfSatisfying(
            Decision.Refuse.class,
            refuse -> assertThat(refuse.refusal().cause()).isEqualTo(RefusalReason.STORE_BUSY));
    for (Decision one : decisions.subList(0, 8)) {
      var made = ((Decision.Wait) one).decision();
      assertThat(made.awaitUninterruptibly(60_000)).isTrue();
      assertThat(codes(AclAnswers.read(request, (Decision.Answer) made.getNow())))
          .containsExactly(0);
    }
  }

  @Test
  void whatIsNoSuchRequestClosesTheConnection() {
    for (byte[] good : List.of(create(3, READ), deleteAll(3, 1), describeAll(3))) {
      byte[] longer = Arrays.copyOf(good, good.length + 1);
      byte[] shorter = Arrays.copyOf(good, good.length - 1);
      for (byte[] bad : List.of(longer, shorter)) {
        assertThat(AclAnswers.decide(store.caller(ROOT), bad))
            .isInstanceOfSatisfying(
                Decision.Close.class,
                close -> assertThat(close.reason()).isEqualTo(CloseReason.MALFORMED_REQUEST));
      }
    }
  }

  /** Whatever the bytes are: an answer, or the end as of a request that cannot be read. */
  @Test
  void changedBytesAreAnsweredOrRefused() {
    int answered = 0;
    int requests = 6000;
    for (int i = 0; i < requests; i++) {
      RandomGenerator random = Seed.random("changed", i);
      byte[] request =
          new RandomAclRequests(random).request(29 + random.nextInt(3), random.nextInt(4));
      for (int change = random.nextInt(3); change > 0; change--) {
        request[random.nextInt(8, request.length)] = (byte) random.nextInt();
      }
      Decision decision = AclAnswers.decide(store.caller(ROOT), request);
      if (decision instanceof Decision.Answer answer) {
        assertThat(AclAnswers.read(request, answer)).as(Seed.replay()).isNotNull();
        answered++;
      } else {
        assertThat(decision).as(Seed.replay()).isInstanceOf(Decision.Close.class);
      }
    }
    assertThat(answered).isBetween(requests / 3, requests - 1);
  }
}
