package io.gatehouse.gateway.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CredentialStepsTest {

  private static final Caller ADMIN = caller("passthrough", "admin", "kept");

  private static final String TABLE =
      """
      name  | mechanism | iterations | salt | salted | error
      alice | 1         | 4096       | 8    | 32     | NONE
      alice | 2         | 16384      | 256  | 64     | NONE
      ''    | 1         | 4096       | 8    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 0         | 4096       | 8    | 32     | UNSUPPORTED_SASL_MECHANISM
      alice | 3         | 4096       | 8    | 32     | UNSUPPORTED_SASL_MECHANISM
      alice | -1        | 4096       | 8    | 32     | UNSUPPORTED_SASL_MECHANISM
      alice | 127       | 4096       | 8    | 32     | UNSUPPORTED_SASL_MECHANISM
      alice | 1         | 4095       | 8    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 16385      | 8    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | -2147483648| 8    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 2147483647 | 8    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 4096       | 0    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 4096       | 7    | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 4096       | 257  | 32     | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 4096       | 8    | 0      | UNACCEPTABLE_CREDENTIAL
      alice | 1         | 4096       | 8    | 64     | UNACCEPTABLE_CREDENTIAL
      alice | 2         | 4096       | 8    | 32     | UNACCEPTABLE_CREDENTIAL
      """;

  /** Keeps credentials in memory. Users who are named after a reason cannot be changed. */
  private static final class Kept implements ScramUsers {
    private static final Map<String, Reason> REASONS =
        Arrays.stream(Reason.values())
            .collect(Collectors.toMap(reason -> "!" + reason, Function.identity()));

    private final Map<String, Map<ScramHash, ScramCredential>> all = new ConcurrentHashMap<>();
    private final CountDownLatch open = new CountDownLatch(1);
    private volatile @Nullable User actor;

    @Override
    public Map<String, Map<ScramHash, ScramCredential>> find(@Nullable Collection<String> users) {
      return all;
    }

    @Override
    public Map<String, Problem> alter(User by, List<Alteration> alterations) {
      actor = by;
      try {
        assertThat(open.await(1, TimeUnit.MINUTES)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      Map<String, Problem> problems = new LinkedHashMap<>();
      for (Alteration one : alterations) {
        Reason reason = REASONS.get(one.user());
        if (reason != null) {
          problems.put(one.user(), new Problem(reason, "it is so"));
        } else {
          Map<ScramHash, ScramCredential> of =
              all.computeIfAbsent(one.user(), _ -> new ConcurrentHashMap<>());
          if (one.credential() == null) {
            of.remove(one.hash());
          } else {
            of.put(one.hash(), one.credential());
          }
        }
      }
      return problems;
    }
  }

  private static final class OnlyAdmin implements CredentialSteps.Policy {
    @Override
    public boolean keepsCredentialsOf(String listener) {
      return listener.equals("kept");
    }

    @Override
    public boolean admits(User user) {
      return user.equals(ADMIN.user());
    }
  }

  private final Kept kept = new Kept();
  private final CredentialSteps steps = new CredentialSteps(kept, new OnlyAdmin());

  @BeforeEach
  void open() {
    kept.open.countDown();
  }

  private static Caller caller(@Nullable String tenant, String name, String listener) {
    return new Caller(new User(tenant, name), "PLAIN", listener);
  }

  private static Struct upsert(Struct request, String name, int mechanism) {
    return request
        .addStruct("Upsertions")
        .set("Name", name)
        .set("Mechanism", mechanism)
        .set("Iterations", 4096)
        .set("Salt", new byte[16])
        .set("SaltedPassword", new byte[mechanism == 2 ? 64 : 32]);
  }

  private static void delete(Struct request, String name, int mechanism) {
    request.addStruct("Deletions").set("Name", name).set("Mechanism", mechanism);
  }

  private static Struct alteration() {
    return Frames.newRequest(CredentialSteps.ALTER, 0);
  }

  private static ByteBuf frame(byte[] request) {
    return Unpooled.buffer().writeInt(request.length).writeBytes(request);
  }

  private static ByteBuf frame(int api, Struct body) {
    return frame(Frames.request(api, 0, 7, body));
  }

  private Decision decide(CredentialSteps of, Caller caller, ByteBuf frame) {
    RequestStep step = of.of(caller).request(frame.getShort(4), 0);
    Decision decision = Objects.requireNonNull(step).onRequest(caller, frame);
    if (decision instanceof Decision.Wait wait) {
      assertThat(wait.decision().awaitUninterruptibly(60_000)).isTrue();
      assertThat(wait.decision().cause()).isNull();
      return wait.decision().getNow();
    }
    return decision;
  }

  private Decision.Answer answer(int api, Struct body) {
    Decision decision = decide(steps, ADMIN, frame(api, body));
    assertThat(decision).isInstanceOf(Decision.Answer.class);
    return (Decision.Answer) decision;
  }

  private static List<Struct> results(int api, Decision.Answer answer) {
    ByteBuf frame = answer.frame();
    byte[] bytes = ByteBufUtil.getBytes(frame.skipBytes(4));
    frame.release();
    assertThat(Frames.responseCorrelationId(bytes)).isEqualTo(7);
    return Frames.readResponse(api, 0, bytes).getStructs("Results");
  }

  /** The error of each user. */
  private Map<String, ErrorCode> alter(Struct body) {
    Map<String, ErrorCode> errors = new LinkedHashMap<>();
    for (Struct one : results(CredentialSteps.ALTER, answer(CredentialSteps.ALTER, body))) {
      ErrorCode error = error(one);
      assertThat(one.isNull("ErrorMessage")).isEqualTo(error == ErrorCode.NONE);
      assertThat(errors.put(one.getString("User"), error)).as("one result a user").isNull();
    }
    return errors;
  }

  private static ErrorCode error(Struct result) {
    for (ErrorCode code : ErrorCode.values()) {
      if (code.number() == result.getInt("ErrorCode")) {
        return code;
      }
    }
    throw new AssertionError(result);
  }

  @ParameterizedTest
  @CsvSource(textBlock = TABLE, delimiter = '|', useHeadersInDisplayName = true)
  void eachFieldIsChecked(
      String name, int mechanism, int iterations, int salt, int salted, ErrorCode error) {
    Struct request = alteration();
    upsert(request, name, mechanism)
        .set("Iterations", iterations)
        .set("Salt", new byte[salt])
        .set("SaltedPassword", new byte[salted]);
    upsert(request, "other", 1);
    assertThat(alter(request)).containsEntry(name, error).containsEntry("other", ErrorCode.NONE);
    assertThat(kept.all.containsKey(name)).isEqualTo(error == ErrorCode.NONE);
    assertThat(kept.actor).isEqualTo(ADMIN.user());
  }

  @Test
  void aUserHasOneResultAndEachMechanismOneChange() {
    Struct request = alteration();
    upsert(request, "both", 1);
    upsert(request, "both", 2);
    delete(request, "moved", 1);
    upsert(request, "moved", 2);
    delete(request, "twice", 1);
    upsert(request, "twice", 1);
    upsert(request, "set-twice", 1);
    upsert(request, "set-twice", 2);
    upsert(request, "set-twice", 2);
    delete(request, "deleted-twice", 2);
    delete(request, "deleted-twice", 2);
    delete(request, "", 1);
    delete(request, "unknown", 9);
    upsert(request, "unknown", 1);
    assertThat(alter(request))
        .containsEntry("both", ErrorCode.NONE)
        .containsEntry("moved", ErrorCode.NONE)
        .containsEntry("twice", ErrorCode.DUPLICATE_RESOURCE)
        .containsEntry("set-twice", ErrorCode.DUPLICATE_RESOURCE)
        .containsEntry("deleted-twice", ErrorCode.DUPLICATE_RESOURCE)
        .containsEntry("", ErrorCode.UNACCEPTABLE_CREDENTIAL)
        .containsEntry("unknown", ErrorCode.UNSUPPORTED_SASL_MECHANISM)
        .hasSize(7);
    assertThat(kept.all).containsOnlyKeys("both", "moved");
    assertThat(alter(alteration())).isEmpty();
  }

  @Test
  void problemsOfTheStoreAreKafkasErrors() {
    Struct request = alteration();
    for (ScramUsers.Reason reason : ScramUsers.Reason.values()) {
      upsert(request, "!" + reason, 1);
    }
    assertThat(alter(request))
        .containsEntry("!MISSING", ErrorCode.RESOURCE_NOT_FOUND)
        .containsEntry("!UNACCEPTABLE", ErrorCode.UNACCEPTABLE_CREDENTIAL)
        .containsEntry("!FORBIDDEN", ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
        .containsEntry("!TOO_LARGE", ErrorCode.INVALID_REQUEST)
        .containsEntry("!UNAVAILABLE", ErrorCode.REQUEST_TIMED_OUT);
    assertThat(steps.collect().stream().flatMap(metric -> metric.getDataPoints().stream()))
        .hasSize(2);
  }

  @Test
  void theAuditLogTellsWhatWasChanged() {
    Struct request = alteration();
    delete(request, "carol", 2);
    upsert(request, "alice", 1);
    upsert(request, "b'ob", 1).set("Iterations", 1);
    Decision.Answer answer = answer(CredentialSteps.ALTER, request);
    answer.frame().release();
    assertThat(answer.audited())
        .isEqualTo(
            new Decision.Audited(
                "AlterUserScramCredentials",
                false,
                "2 of 3 users changed: 'carol' SCRAM-SHA-512 deleted; 'alice' SCRAM-SHA-256 set;"
                    + " 'b?ob' UNACCEPTABLE_CREDENTIAL"));
  }

  @Test
  void onlyMechanismsAndIterationsAreDescribed() {
    Struct request = alteration();
    upsert(request, "alice", 1);
    upsert(request, "alice", 2).set("Iterations", 8192);
    upsert(request, "bob", 2);
    var _ = alter(request);

    Struct asked = Frames.newRequest(CredentialSteps.DESCRIBE, 0);
    for (String user : List.of("alice", "bob", "bob", "nobody", "")) {
      asked.addStruct("Users").set("Name", user);
    }
    List<Struct> results =
        results(CredentialSteps.DESCRIBE, answer(CredentialSteps.DESCRIBE, asked));
    assertThat(results.stream().map(CredentialStepsTest::error))
        .containsExactly(
            ErrorCode.NONE,
            ErrorCode.DUPLICATE_RESOURCE,
            ErrorCode.RESOURCE_NOT_FOUND,
            ErrorCode.RESOURCE_NOT_FOUND);
    assertThat(
            results.getFirst().getStructs("CredentialInfos").stream()
                .map(info -> info.getInt("Mechanism") + " " + info.getInt("Iterations")))
        .containsExactly("1 4096", "2 8192");

    for (List<Object> all : Arrays.asList(null, List.<Object>of())) {
      Struct everybody = Frames.newRequest(CredentialSteps.DESCRIBE, 0).set("Users", all);
      assertThat(
              results(CredentialSteps.DESCRIBE, answer(CredentialSteps.DESCRIBE, everybody))
                  .stream()
                  .map(one -> one.getString("User")))
          .containsExactlyInAnyOrder("alice", "bob");
    }
  }

  @Test
  void tooManyUsersAreNotDescribedAtOnce() {
    ScramCredential credential = ScramCredential.of(ScramHash.SHA_256, "x", 4096);
    for (int i = 0; i <= 50_000; i++) {
      kept.all.put("user" + i, Map.of(ScramHash.SHA_256, credential));
    }
    ByteBuf frame =
        answer(CredentialSteps.DESCRIBE, Frames.newRequest(CredentialSteps.DESCRIBE, 0)).frame();
    Struct response =
        Frames.readResponse(CredentialSteps.DESCRIBE, 0, ByteBufUtil.getBytes(frame.skipBytes(4)));
    frame.release();
    assertThat(error(response)).isEqualTo(ErrorCode.INVALID_REQUEST);
    assertThat(response.getStructs("Results")).isEmpty();
  }

  @Test
  void onlyAdminsOfTheListenersWithAccountsAreAnswered() {
    assertThat(steps.of(caller("passthrough", "admin", "other"))).isSameAs(Steps.NONE);
    assertThat(steps.of(ADMIN).request(Frames.METADATA, 9)).isNull();
    for (Caller other :
        List.of(
            caller("passthrough", "alice", "kept"),
            caller("team-a", "admin", "kept"),
            caller(null, "admin", "kept"))) {
      for (int api : List.of(CredentialSteps.ALTER, CredentialSteps.DESCRIBE)) {
        Decision decision = decide(steps, other, frame(api, Frames.newRequest(api, 0)));
        assertThat(decision)
            .isInstanceOfSatisfying(
                Decision.Refuse.class,
                refuse -> assertThat(refuse.refusal().cause()).isEqualTo(RefusalReason.NO_RIGHT));
      }
    }
    assertThat(kept.all).isEmpty();
  }

  @Test
  void namesThatAreTooLongAreRefused() {
    String tooLong = "~".repeat(11_000);
    Struct request = alteration();
    delete(request, tooLong, 1);
    upsert(request, "alice", 1);
    assertThat(alter(request))
        .containsEntry(tooLong, ErrorCode.UNACCEPTABLE_CREDENTIAL)
        .containsEntry("alice", ErrorCode.NONE);

    // Each of these bytes is read as a character of three, so the name does not fit the response.
    byte[] bytes = Frames.request(CredentialSteps.ALTER, 0, 7, request);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == '~' ? (byte) 0xff : bytes[i];
    }
    Decision.Answer answer = (Decision.Answer) decide(steps, ADMIN, frame(bytes));
    Struct refused = results(CredentialSteps.ALTER, answer).getFirst();
    assertThat(error(refused)).isEqualTo(ErrorCode.UNACCEPTABLE_CREDENTIAL);
    assertThat(refused.getString("User")).hasSize(10_003).endsWith("...");

    Struct asked = Frames.newRequest(CredentialSteps.DESCRIBE, 0);
    asked.addStruct("Users").set("Name", tooLong);
    assertThat(results(CredentialSteps.DESCRIBE, answer(CredentialSteps.DESCRIBE, asked)))
        .singleElement()
        .satisfies(one -> assertThat(error(one)).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND));
  }

  @Test
  void whatIsNoSuchRequestClosesTheConnection() {
    byte[] good = Frames.request(CredentialSteps.ALTER, 0, 7, alteration());
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    byte[] shorter = Arrays.copyOf(good, good.length - 1);
    byte[] array = good.clone();
    array[good.length - 3] = (byte) 0x7f; // 126 deletions, of which there are none
    for (byte[] bad : List.of(longer, shorter, array)) {
      assertThat(decide(steps, ADMIN, frame(bad)))
          .isInstanceOfSatisfying(
              Decision.Close.class,
              close -> assertThat(close.reason()).isEqualTo(CloseReason.MALFORMED_REQUEST));
    }
  }

  /** Whatever the bytes are: an answer, or the end as of a request that cannot be read. */
  @Test
  void changedBytesAreAnsweredOrRefused() {
    Random random = new Random(554);
    Struct alter = alteration();
    delete(alter, "carol", 2);
    upsert(alter, "alice", 1);
    upsert(alter, "!MISSING", 2);
    Struct describe = Frames.newRequest(CredentialSteps.DESCRIBE, 0);
    describe.addStruct("Users").set("Name", "alice");
    int answered = 0;
    for (int i = 0; i < 4000; i++) {
      int api = i % 2 == 0 ? CredentialSteps.ALTER : CredentialSteps.DESCRIBE;
      byte[] request = Frames.request(api, 0, 7, i % 2 == 0 ? alter : describe);
      for (int change = random.nextInt(1, 4); change > 0; change--) {
        request[random.nextInt(8, request.length)] = (byte) random.nextInt();
      }
      Decision decision = decide(steps, ADMIN, frame(request));
      if (decision instanceof Decision.Answer answer) {
        assertThat(results(api, answer)).isNotNull();
        answered++;
      } else {
        assertThat(decision).isInstanceOf(Decision.Close.class);
      }
    }
    assertThat(answered).isBetween(400, 3900);
  }

  @Test
  void sizeAndNumberOfRequestsAreBounded() {
    Struct large = alteration();
    for (int i = 0; i < 3000; i++) {
      upsert(large, "user" + i, 2);
    }
    assertThat(decide(steps, ADMIN, frame(CredentialSteps.ALTER, large)))
        .isInstanceOfSatisfying(
            Decision.Refuse.class,
            refuse ->
                assertThat(refuse.refusal().cause()).isEqualTo(RefusalReason.REQUEST_TOO_LARGE));

    Kept slow = new Kept();
    CredentialSteps waiting = new CredentialSteps(slow, new OnlyAdmin());
    Struct request = alteration();
    upsert(request, "alice", 1);
    RequestStep step = Objects.requireNonNull(waiting.of(ADMIN).request(CredentialSteps.ALTER, 0));
    List<Decision> decisions =
        IntStream.range(0, 9)
            .mapToObj(_ -> step.onRequest(ADMIN, frame(CredentialSteps.ALTER, request)))
            .toList();
    assertThat(decisions.subList(0, 8)).hasOnlyElementsOfType(Decision.Wait.class);
    assertThat(decisions.getLast())
        .isInstanceOfSatisfying(
            Decision.Refuse.class,
            refuse -> assertThat(refuse.refusal().cause()).isEqualTo(RefusalReason.STORE_BUSY));
    slow.open.countDown();
    for (Decision one : decisions.subList(0, 8)) {
      var made = ((Decision.Wait) one).decision();
      assertThat(made.awaitUninterruptibly(60_000)).isTrue();
      ((Decision.Answer) made.getNow()).frame().release();
    }
    Decision afterwards = decide(waiting, ADMIN, frame(CredentialSteps.ALTER, request));
    assertThat(afterwards).isInstanceOf(Decision.Answer.class);
    ((Decision.Answer) afterwards).frame().release();
  }
}
