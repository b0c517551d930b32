package io.gatehouse.gateway.credentials;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.auth.sasl.scram.ScramUsers.Alteration;
import io.gatehouse.gateway.plan.Decision.Audited;
import io.gatehouse.gateway.plan.OwnRequest;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The changes of an AlterUserScramCredentials request. Each user has one result: all changes of the
 * user are made, or none. A user can have changes of different mechanisms in a request, as {@code
 * kafka-configs} sends them.
 */
final class AlteredCredentials {

  /** What Kafka takes; a salt is told to everybody who claims the name. */
  private static final int MAX_ITERATIONS = 16_384;

  private static final int MAX_SALT = 256;

  private record Failure(ErrorCode code, String message) {}

  /** The changes of each user by mechanism, in the order of the request. */
  private final Map<String, Map<ScramHash, Alteration>> wanted = new LinkedHashMap<>();

  private final Map<String, Failure> failures = new LinkedHashMap<>();

  private AlteredCredentials() {}

  /**
   * @throws MalformedMessage if it is not such a request
   */
  static AlteredCredentials read(ByteBuf frame) {
    Struct request = OwnRequest.read(frame);
    AlteredCredentials read = new AlteredCredentials();
    request.getStructs("Deletions").forEach(one -> read.add(one, null));
    request.getStructs("Upsertions").forEach(one -> read.add(one, one));
    return read;
  }

  /**
   * @param upsertion null for a deletion
   */
  private void add(Struct one, @Nullable Struct upsertion) {
    String user = CredentialRequest.name(one);
    Map<ScramHash, Alteration> all = wanted.computeIfAbsent(user, _ -> new LinkedHashMap<>());
    if (failures.containsKey(user)) {
      return;
    }
    ScramHash hash = ScramHash.ofKafkaType(one.getInt("Mechanism"));
    if (user.isEmpty()) {
      fail(user, ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username must not be empty");
    } else if (CredentialRequest.isTooLong(user)) {
      fail(user, ErrorCode.UNACCEPTABLE_CREDENTIAL, "Username is too long");
    } else if (hash == null) {
      fail(user, ErrorCode.UNSUPPORTED_SASL_MECHANISM, "Unknown SCRAM mechanism");
    } else if (all.containsKey(hash)) {
      fail(
          user,
          ErrorCode.DUPLICATE_RESOURCE,
          "A user credential cannot be altered twice in the same request");
    } else {
      try {
        all.put(
            hash,
            new Alteration(user, hash, upsertion == null ? null : credential(hash, upsertion)));
      } catch (IllegalArgumentException e) {
        fail(user, ErrorCode.UNACCEPTABLE_CREDENTIAL, String.valueOf(e.getMessage()));
      }
    }
  }

  private static ScramCredential credential(ScramHash hash, Struct upsertion) {
    int iterations = upsertion.getInt("Iterations");
    if (iterations < ScramCredential.MIN_ITERATIONS) {
      throw new IllegalArgumentException("Too few iterations");
    }
    if (iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException("Too many iterations");
    }
    byte[] salt = upsertion.getBytes("Salt");
    if (salt.length > MAX_SALT) {
      throw new IllegalArgumentException(
          "a salt of %d bytes is too long: at most %d".formatted(salt.length, MAX_SALT));
    }
    return ScramCredential.ofSalted(hash, upsertion.getBytes("SaltedPassword"), salt, iterations);
  }

  private void fail(String user, ErrorCode code, String message) {
    failures.put(user, new Failure(code, message));
  }

  /** Makes the changes, as far as they are valid. May block. */
  void apply(ScramUsers users, User actor) {
    List<Alteration> valid = new ArrayList<>();
    wanted.forEach((user, all) -> {
      if (!failures.containsKey(user)) {
        valid.addAll(all.values());
      }
    });
    if (!valid.isEmpty()) {
      users
          .alter(actor, valid)
          .forEach((user, problem) -> fail(user, code(problem.reason()), problem.message()));
    }
  }

  private static ErrorCode code(ScramUsers.Reason reason) {
    return switch (reason) {
      case MISSING -> ErrorCode.RESOURCE_NOT_FOUND;
      case UNACCEPTABLE -> ErrorCode.UNACCEPTABLE_CREDENTIAL;
      case FORBIDDEN -> ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
      case TOO_LARGE -> ErrorCode.INVALID_REQUEST;
      case UNAVAILABLE -> ErrorCode.REQUEST_TIMED_OUT;
    };
  }

  /** The error of each user, or {@code NONE}. */
  Collection<ErrorCode> errors() {
    return wanted.keySet().stream()
        .map(user -> {
          Failure failure = failures.get(user);
          return failure == null ? ErrorCode.NONE : failure.code;
        })
        .toList();
  }

  /** The response; the caller owns it. */
  ByteBuf answer(ByteBuf frame) {
    return OwnResponse.to(
        frame,
        response -> {
          for (String user : wanted.keySet()) {
            Struct result = response.addStruct("Results").set("User", user);
            Failure failure = failures.get(user);
            if (failure != null) {
              result.set("ErrorCode", failure.code.number()).set("ErrorMessage", failure.message);
            } else {
              result.set("ErrorMessage", null);
            }
          }
        },
        ByteBufAllocator.DEFAULT);
  }

  /** What the audit log says, without secrets. Long lists are cut there. */
  Audited audited() {
    int made = wanted.size() - failures.size();
    return new Audited(
        "AlterUserScramCredentials",
        failures.isEmpty(),
        wanted.keySet().stream()
            .map(this::audited)
            .collect(
                Collectors.joining(
                    "; ", "%d of %d users changed: ".formatted(made, wanted.size()), "")));
  }

  private String audited(String user) {
    Failure failure = failures.get(user);
    // In quotes, so that a name cannot look like the names and results of others.
    return "'%s' ".formatted(user.replace('\'', '?'))
        + (failure != null
            ? failure.code
            : wanted.getOrDefault(user, Map.of()).values().stream()
                .map(one ->
                    one.hash().mechanism() + (one.credential() == null ? " deleted" : " set"))
                .collect(Collectors.joining(", ")));
  }
}
