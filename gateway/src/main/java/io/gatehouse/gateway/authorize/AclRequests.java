package io.gatehouse.gateway.authorize;

import io.gatehouse.gateway.acl.AclStore;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.plan.BlockingStep;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.tree.Struct;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of Kafka's admin clients for access rules, as a broker of Kafka 4.4 with its
 * {@code StandardAuthorizer} does it. Two answers differ: where Kafka closes the connection (codes
 * of 0) or fails (ANY in a rule to create, more than 10,000 of them), clients are told why.
 */
public final class AclRequests {

  static final int DESCRIBE = 29;
  static final int CREATE = 30;
  static final int DELETE = 31;

  /** Kafka's limit of rules that one request changes. */
  static final int MOST_CHANGED = 10_000;

  /** The largest answer. It takes a few times this memory while it is made. */
  static final int MOST_BYTES = 32 << 20;

  /** More than 10,000 usual rules. */
  private static final int MAX_REQUEST_BYTES = 1 << 20;

  private static final RequestStep STEP =
      new BlockingStep("acls", MAX_REQUEST_BYTES, AclRequests::carryOut);

  private AclRequests() {}

  /** The step for requests of clients with access rules; null for other APIs. */
  public static @Nullable RequestStep step(int apiKey) {
    return apiKey >= DESCRIBE && apiKey <= DELETE ? STEP : null;
  }

  /** Why a change is not made. */
  record Failure(ErrorCode code, String message) {

    static Failure of(AclStore.NotKeptException e) {
      ErrorCode code =
          switch (e.reason()) {
            case TOO_LARGE -> ErrorCode.INVALID_REQUEST;
            case UNAVAILABLE -> ErrorCode.REQUEST_TIMED_OUT;
          };
      return new Failure(code, String.valueOf(e.getMessage()));
    }

    static Failure invalid(String message) {
      return new Failure(ErrorCode.INVALID_REQUEST, message);
    }

    /** Sets the error in an answer. */
    void write(Struct to) {
      to.set("ErrorCode", code.number()).set("ErrorMessage", message);
    }
  }

  /** Why a client may not do this on the cluster; null if it may. */
  static @Nullable Failure denied(Caller.Access access, Operation operation) {
    return access.rights().authorizeCluster(operation).allowed()
        ? null
        : new Failure(
            ErrorCode.CLUSTER_AUTHORIZATION_FAILED, "needs the right " + operation + " on cluster");
  }

  /** Why a client cannot change rules; null if it can. */
  static @Nullable Failure unchangeable(Caller.Access access) {
    Failure denied = denied(access, Operation.ALTER);
    if (denied == null && access.store() == null) {
      return new Failure(
          ErrorCode.POLICY_VIOLATION,
          "access rules are managed at the gateway: Kafka's clients cannot change them");
    }
    return denied;
  }

  private static Decision carryOut(Caller caller, ByteBuf frame) {
    Caller.Access access = Objects.requireNonNull(caller.access());
    if (access.rights().rules().areOff()) {
      return new Decision.Refuse(ErrorRefusal.NO_ACLS);
    }
    return switch (frame.getShort(4)) {
      case DESCRIBE -> new Decision.Answer(DescribedAcls.answer(access, frame));
      case CREATE -> CreatedAcls.carryOut(caller.user(), access, frame);
      default -> DeletedAcls.carryOut(caller.user(), access, frame);
    };
  }
}
