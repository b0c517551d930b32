package io.gatehouse.gateway.plan;

import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.tenant.Names;
import io.gatehouse.gateway.tenant.RequestNames;
import io.gatehouse.gateway.tenant.ResponseNames;
import io.gatehouse.gateway.tenant.StreamedNames;
import io.gatehouse.gateway.tenant.TenantApis;
import io.gatehouse.gateway.tenant.TenantApis.Problem;
import io.gatehouse.gateway.tenant.TenantApis.Treatment;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** The rules for clients that see a virtual cluster. */
final class TenantRules {

  static final RequestRule NO_ACLS = new RequestRule.Refuse(ErrorRefusal.NO_ACLS);
  static final RequestRule NO_TOKENS = refuse(RefusalReason.NO_DELEGATION_TOKENS);

  private static final int SHARE_FETCH = 78;

  private TenantRules() {}

  /** Whether clients are told that they may use this API. */
  static boolean offers(int apiKey) {
    return TenantApis.of(apiKey) != Treatment.HIDDEN;
  }

  /** Whether responses contain topics by id only, and stream. */
  static boolean checksTopicIds(int apiKey) {
    return apiKey == StreamedNames.FETCH || apiKey == SHARE_FETCH;
  }

  /** The rule for an API whose requests are not forwarded; null for others. */
  static @Nullable RequestRule refusal(int apiKey) {
    return switch (TenantApis.of(apiKey)) {
      case TRANSLATED -> null;
      case REFUSED -> refuse(RefusalReason.OF_SHARED_CLUSTER);
      case WITHOUT_ACLS -> NO_ACLS;
      case WITHOUT_TOKENS -> NO_TOKENS;
      // Some clients learn what is offered before they log in, and ask for it afterwards.
      case HIDDEN -> refuse(RefusalReason.NOT_OFFERED);
    };
  }

  private static RequestRule refuse(RefusalReason reason) {
    return new RequestRule.Refuse(refusal(reason));
  }

  private static Refusal refusal(RefusalReason reason) {
    return new ErrorRefusal(reason, "is refused: " + reason.text());
  }

  /**
   * Lets a request be translated after another step has decided about it.
   *
   * @return null if neither is necessary
   */
  static @Nullable RequestStep translation(
      Names names, int apiKey, int version, @Nullable RequestStep other) {
    RequestNames translation = RequestNames.of(names, apiKey, version);
    if (translation == null) {
      return other;
    }
    return (caller, frame) -> {
      Decision decision = other == null ? Decision.FORWARD : other.onRequest(caller, frame);
      if (decision instanceof Decision.Forward to) {
        if (to.frame() != null) {
          throw new IllegalStateException("a step's own request of a tenant is not translated");
        }
        return translated(translation, to, frame);
      }
      return decision;
    };
  }

  private static Decision translated(RequestNames names, Decision.Forward to, ByteBuf frame) {
    return switch (names.translate(frame, frame.alloc())) {
      case RequestNames.Outcome.Translated(ByteBuf translated) ->
          translated == null ? to : to.with(translated);
      case RequestNames.Outcome.Refused(Problem problem) ->
          new Decision.Refuse(refusal(reason(problem)));
      case RequestNames.Outcome.Later(Future<Void> resolved) -> Decision.Again.after(resolved);
    };
  }

  private static RefusalReason reason(Problem problem) {
    return switch (problem) {
      case OF_BROKERS, ALL_TOPICS -> RefusalReason.OF_SHARED_CLUSTER;
      case TOO_MANY_NAMES -> RefusalReason.TOO_MANY_NAMES;
      case BAD_PATTERN -> RefusalReason.BAD_TOPIC_PATTERN;
    };
  }

  /**
   * The rule for responses.
   *
   * @param other a step that sees the translated response, or null; it must decide at once
   * @param own what is done with the translated response
   */
  static ResponseRule response(
      Names names, int apiKey, int version, @Nullable ResponseStep other, ResponseRule own) {
    StreamedNames streamed = StreamedNames.ofResponse(names, apiKey, version);
    if (streamed != null) {
      if (other != null) {
        throw new IllegalStateException("no step sees fetched records of a tenant");
      }
      return new ResponseRule.Rename(streamed, null);
    }
    boolean onlyIds = checksTopicIds(apiKey);
    ResponseNames translation =
        onlyIds || apiKey == Plan.API_VERSIONS ? null : ResponseNames.of(names, apiKey, version);
    if (translation == null) {
      return other == null ? own : new ResponseRule.Decide(other, own);
    }
    return new ResponseRule.Decide(
        (caller, frame) -> {
          ByteBuf translated = translation.translate(frame, frame.alloc());
          if (other == null) {
            return translated == null ? Decision.FORWARD : new Decision.Answer(translated);
          }
          return decided(other, caller, frame, translated);
        },
        own);
  }

  private static Decision decided(
      ResponseStep step, Caller caller, ByteBuf frame, @Nullable ByteBuf translated) {
    if (translated == null) {
      return step.onResponse(caller, frame);
    }
    boolean sent = false;
    try {
      Decision decision = step.onResponse(caller, translated);
      if (decision instanceof Decision.Wait) {
        throw new IllegalStateException("a step must decide at once about a tenant's response");
      }
      sent = decision instanceof Decision.Forward;
      return sent ? new Decision.Answer(translated) : decision;
    } finally {
      if (!sent) {
        translated.release();
      }
    }
  }
}
