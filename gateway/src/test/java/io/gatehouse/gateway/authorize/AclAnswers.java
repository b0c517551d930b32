package io.gatehouse.gateway.authorize;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers about access rules in a form that can be compared: without an order of the rules. */
final class AclAnswers {

  /** A rule in an answer; without resources where those stand above it. */
  record Rule(
      int type,
      String name,
      int pattern,
      String principal,
      String host,
      int operation,
      int allow) {}

  /** The result of an element, or of the whole request. */
  record Result(int code, @Nullable String message, Set<Rule> rules) {}

  private AclAnswers() {}

  /** What the gateway decides about a request, after waiting. */
  static Decision decide(Caller caller, byte[] request) {
    ByteBuf frame = Unpooled.wrappedBuffer(Frames.framed(request));
    Decision decision =
        Objects.requireNonNull(AclRequests.step(Frames.apiKey(request))).onRequest(caller, frame);
    if (decision instanceof Decision.Wait wait) {
      assertThat(wait.decision().awaitUninterruptibly(60_000)).isTrue();
      assertThat(wait.decision().cause()).isNull();
      return wait.decision().getNow();
    }
    return decision;
  }

  /** The answer of the gateway. */
  static List<Result> ask(Caller caller, byte[] request) {
    return read(request, (Decision.Answer) decide(caller, request));
  }

  static List<Result> read(byte[] request, Decision.Answer answer) {
    byte[] bytes = ByteBufUtil.getBytes(answer.frame().skipBytes(4));
    answer.frame().release();
    return read(request, bytes);
  }

  /** An answer from its bytes. */
  static List<Result> read(byte[] request, byte[] bytes) {
    assertThat(Frames.responseCorrelationId(bytes)).isEqualTo(Frames.requestCorrelationId(request));
    int api = Frames.apiKey(request);
    Struct answer = Frames.readResponse(api, Frames.version(request), bytes);
    assertThat(answer.getInt("ThrottleTimeMs")).isZero();
    return switch (api) {
      case AclRequests.DESCRIBE -> List.of(described(answer));
      case AclRequests.CREATE ->
          answer.getStructs("Results").stream().map(one -> result(one, Set.of())).toList();
      default -> answer.getStructs("FilterResults").stream().map(AclAnswers::deleted).toList();
    };
  }

  private static Result described(Struct answer) {
    List<Struct> groups = answer.getStructs("Resources");
    assertThat(groups.stream().map(group -> rule(group, null).toString()).distinct())
        .hasSameSizeAs(groups);
    List<Rule> rules =
        groups.stream()
            .flatMap(group -> group.getStructs("Acls").stream().map(one -> rule(group, one)))
            .toList();
    return result(answer, distinct(rules));
  }

  private static Result deleted(Struct result) {
    List<Struct> deleted = result.getStructs("MatchingAcls");
    assertThat(deleted)
        .allSatisfy(one -> {
          assertThat(one.getInt("ErrorCode")).isZero();
          assertThat(one.getStringOrNull("ErrorMessage")).isNull();
        });
    return result(result, distinct(deleted.stream().map(one -> rule(one, one)).toList()));
  }

  private static Set<Rule> distinct(List<Rule> rules) {
    Set<Rule> distinct = rules.stream().collect(Collectors.toSet());
    assertThat(distinct).hasSameSizeAs(rules);
    return distinct;
  }

  private static Rule rule(Struct resources, @Nullable Struct entry) {
    int pattern = resources.has("PatternType") ? resources.getInt("PatternType") : 3;
    return new Rule(
        resources.getInt("ResourceType"),
        resources.getString("ResourceName"),
        pattern,
        entry == null ? "" : entry.getString("Principal"),
        entry == null ? "" : entry.getString("Host"),
        entry == null ? 0 : entry.getInt("Operation"),
        entry == null ? 0 : entry.getInt("PermissionType"));
  }

  private static Result result(Struct of, Set<Rule> rules) {
    return new Result(of.getInt("ErrorCode"), of.getStringOrNull("ErrorMessage"), rules);
  }
}
