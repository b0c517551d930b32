package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.access.FetchAuthorizer;
import io.gatehouse.gateway.access.ProducedTopics;
import io.gatehouse.gateway.access.RequestAuthorizer;
import io.gatehouse.gateway.access.RequestAuthorizer.Outcome;
import io.gatehouse.gateway.access.ResponseAuthorizer;
import io.gatehouse.gateway.access.VisibleTopics;
import io.gatehouse.gateway.acl.AclCaller;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The steps for clients that access rules restrict, or limits of their virtual cluster. They come
 * first on the way to the broker and last on the way to the client, and see the names that the
 * client uses.
 */
final class AccessSteps {

  private static final int OFFSET_FETCH = 9;
  private static final int DESCRIBE_TOPIC_PARTITIONS = 75;
  private static final int DESCRIBE_ACLS = 29;
  private static final int DELETE_ACLS = 31;
  private static final int CREATE_DELEGATION_TOKEN = 38;
  private static final int DESCRIBE_DELEGATION_TOKEN = 41;

  private AccessSteps() {}

  /** The highest version to offer; -1 for none. */
  static int highestVersion(int apiKey) {
    return switch (apiKey) {
      // The last version whose responses name topics, by which these are left out.
      case OFFSET_FETCH -> 9;
      // Its cursor names the next topic, whatever it is. Clients use Metadata instead.
      case DESCRIBE_TOPIC_PARTITIONS -> -1;
      default -> Integer.MAX_VALUE;
    };
  }

  /** Whether an API is about access rules. */
  static boolean isOfRules(int apiKey) {
    return apiKey >= DESCRIBE_ACLS && apiKey <= DELETE_ACLS;
  }

  /**
   * Whether an API is about delegation tokens, with which clients could log in at brokers without
   * the gateway.
   */
  static boolean isOfTokens(int apiKey) {
    return apiKey >= CREATE_DELEGATION_TOKEN && apiKey <= DESCRIBE_DELEGATION_TOKEN;
  }

  /**
   * Lets what is allowed of a request be decided by other steps.
   *
   * @param other the other steps; null for none
   * @param completed the rule for a response that a step completes
   * @return null if neither is necessary
   */
  static @Nullable RequestStep request(
      int apiKey,
      int version,
      VisibleTopics topics,
      @Nullable RequestStep other,
      Function<ResponseStep, ResponseRule> completed) {
    RequestAuthorizer authorizer = RequestAuthorizer.of(apiKey, version, topics);
    RequestStep masked = masking(FetchAuthorizer.of(apiKey, version, topics), topics, other);
    if (authorizer == null) {
      return masked;
    }
    RequestStep next = masked == null ? (_, _) -> Decision.FORWARD : masked;
    return (caller, frame) -> {
      return switch (authorizer.check(caller.rights(), frame, AclRefusals.of(caller, topics))) {
        case Outcome.Allowed _ -> next.onRequest(caller, frame);
        case Outcome.Refused(int errorCode) -> new Decision.Refuse(refusal(errorCode));
        case Outcome.Changed(ByteBuf changed) -> partly(next, caller, changed, null);
        case Outcome.Answered(ByteBuf response) -> new Decision.Answer(response);
        case Outcome.Later(var resolved) -> Decision.Again.after(resolved);
        case Outcome.Partly(ByteBuf rest, var missing) ->
            partly(
                next,
                caller,
                rest,
                completed.apply((_, response) -> new Decision.Answer(missing.addedTo(response))));
      };
    };
  }

  private static @Nullable RequestStep masking(
      @Nullable FetchAuthorizer authorizer, VisibleTopics topics, @Nullable RequestStep other) {
    if (authorizer == null) {
      return other;
    }
    return (caller, frame) -> {
      Caller.Access access = caller.access();
      AclCaller rights = caller.rights();
      Outcome outcome =
          access == null || rights == null
              ? Outcome.ALLOWED
              : authorizer.mask(rights, access.session(), frame, AclRefusals.of(caller, topics));
      return switch (outcome) {
        case Outcome.Refused(int errorCode) -> new Decision.Refuse(refusal(errorCode));
        case Outcome.Later(var resolved) -> Decision.Again.after(resolved);
        default -> other == null ? Decision.FORWARD : other.onRequest(caller, frame);
      };
    };
  }

  /** Restores the topics of a request to produce that were masked. */
  static ResponseStep restoring(int version) {
    return (_, frame) -> {
      ProducedTopics.restore(version, frame);
      return Decision.FORWARD;
    };
  }

  /**
   * The rule for responses with records.
   *
   * @param own what else is done with them
   */
  static ResponseRule fetched(int version, Plan.Sight sight, ResponseRule own) {
    VisibleTopics topics = sight.restricted();
    return switch (own) {
      case ResponseRule.Rename(StreamedNames names, _) -> new ResponseRule.Rename(names, topics);
      case ResponseRule.Edit edit -> {
        boolean ofFetch = edit.program().layout().message().apiKey() == Plan.FETCH;
        StreamedNames named =
            topics != null && ofFetch ? StreamedNames.ofResponse(null, Plan.FETCH, version) : null;
        yield named == null ? edit.with(sight) : new ResponseRule.Rename(named, topics);
      }
      case ResponseRule.Relay relay -> relay; // of a version that is not sent
      default ->
          throw new IllegalStateException("no step sees the records of restricted clients: " + own);
    };
  }

  private static Decision partly(
      RequestStep next, Caller caller, ByteBuf rest, @Nullable ResponseRule response) {
    boolean sent = false;
    try {
      Decision decision = next.onRequest(caller, rest);
      if (decision instanceof Decision.Forward to) {
        sent = to.frame() == null;
        Decision.Forward with = response == null ? to : to.with(response);
        return sent ? with.with(rest) : with;
      }
      return decision;
    } finally {
      if (!sent) {
        rest.release();
      }
    }
  }

  private static Refusal refusal(int errorCode) {
    RefusalReason reason = RefusalReason.ofAcls(errorCode);
    return new ErrorRefusal(reason, "is refused: " + reason.text());
  }

  /**
   * Lets a response be filtered.
   *
   * @param first a step that sees the response before; null for none
   * @param last a step that sees it afterwards; null for none
   * @return null if nothing is necessary
   */
  static @Nullable ResponseStep response(
      int apiKey,
      int version,
      VisibleTopics topics,
      @Nullable ResponseStep first,
      @Nullable ResponseStep last) {
    return both(both(first, filter(apiKey, version, topics)), last);
  }

  private static @Nullable ResponseStep filter(int apiKey, int version, VisibleTopics topics) {
    ResponseAuthorizer authorizer = ResponseAuthorizer.of(apiKey, version, topics);
    if (authorizer == null) {
      return null;
    }
    return (caller, frame) -> {
      AclCaller rights = caller.rights();
      ByteBuf filtered = rights == null ? null : authorizer.filtered(rights, frame);
      return filtered == null ? Decision.FORWARD : new Decision.Answer(filtered);
    };
  }

  /** A step that sees what another one has made of a response. Both decide at once. */
  private static @Nullable ResponseStep both(
      @Nullable ResponseStep first, @Nullable ResponseStep second) {
    if (first == null || second == null) {
      return first == null ? second : first;
    }
    return (caller, frame) -> {
      Decision decision = first.onResponse(caller, frame);
      if (!(decision instanceof Decision.Answer(ByteBuf changed, _))) {
        return decision instanceof Decision.Forward ? second.onResponse(caller, frame) : decision;
      }
      boolean sent = false;
      try {
        Decision next = second.onResponse(caller, changed);
        sent = next instanceof Decision.Forward;
        return sent ? decision : next;
      } finally {
        if (!sent) {
          changed.release();
        }
      }
    };
  }
}
