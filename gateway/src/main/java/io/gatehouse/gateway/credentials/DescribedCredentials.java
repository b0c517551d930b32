package io.gatehouse.gateway.credentials;

import io.gatehouse.auth.sasl.scram.ScramCredential;
import io.gatehouse.auth.sasl.scram.ScramHash;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.gateway.plan.OwnRequest;
import io.gatehouse.gateway.plan.OwnResponse;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Answers DescribeUserScramCredentials with mechanisms and iterations, never with hashes. */
final class DescribedCredentials {

  /** A response of this many users has a few MiB. */
  private static final int MOST_USERS = 50_000;

  private DescribedCredentials() {}

  static ByteBuf answer(ScramUsers users, ByteBuf frame) {
    Struct request = OwnRequest.read(frame);
    Set<String> twice = new HashSet<>();
    Set<String> asked = asked(request, twice);
    Map<String, Map<ScramHash, ScramCredential>> found = users.find(asked);
    return OwnResponse.to(
        frame,
        response -> {
          if (asked == null && found.size() > MOST_USERS) {
            fail(
                response,
                ErrorCode.INVALID_REQUEST,
                found.size() + " users have credentials: name those to describe");
            return;
          }
          for (String user : asked == null ? found.keySet() : asked) {
            Struct result = response.addStruct("Results").set("User", user);
            Map<ScramHash, ScramCredential> credentials = found.getOrDefault(user, Map.of());
            if (twice.contains(user)) {
              fail(result, ErrorCode.DUPLICATE_RESOURCE, "The request names the user twice");
            } else if (credentials.isEmpty()) {
              fail(result, ErrorCode.RESOURCE_NOT_FOUND, "The user has no SCRAM credentials");
            } else {
              describe(result, credentials);
            }
          }
        },
        ByteBufAllocator.DEFAULT);
  }

  /**
   * The users that the request names; null for all.
   *
   * @param twice receives those named more than once
   */
  private static @Nullable Set<String> asked(Struct request, Set<String> twice) {
    if (request.isNull("Users") || request.getStructs("Users").isEmpty()) {
      return null;
    }
    Set<String> asked = new LinkedHashSet<>();
    for (Struct user : request.getStructs("Users")) {
      String name = CredentialRequest.name(user);
      if (!asked.add(name)) {
        twice.add(name);
      }
    }
    return asked;
  }

  private static void describe(Struct result, Map<ScramHash, ScramCredential> credentials) {
    for (ScramHash hash : ScramHash.values()) {
      ScramCredential credential = credentials.get(hash);
      if (credential != null) {
        result
            .addStruct("CredentialInfos")
            .set("Mechanism", hash.kafkaType())
            .set("Iterations", credential.iterations());
      }
    }
  }

  private static void fail(Struct result, ErrorCode error, String message) {
    result.set("ErrorCode", error.number()).set("ErrorMessage", message);
  }
}
