package io.gatehouse.gateway.credentials;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.BlockingStep;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.wire.ErrorCode;
import io.netty.buffer.ByteBuf;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Answers the requests of Kafka's admin clients for SCRAM credentials, on listeners whose clients
 * log in with credentials that the gateway keeps. Other listeners have no such steps: the brokers
 * answer. The requests are read and carried out on virtual threads, a few at once.
 */
public final class CredentialSteps implements Steps, MultiCollector {

  static final int DESCRIBE = 50;
  static final int ALTER = 51;

  /** More than 2,000 credentials. A tree of this size takes a few MiB. */
  private static final int MAX_BYTES = 256 << 10;

  private static final Decision NO_RIGHT =
      new Decision.Refuse(
          new ErrorRefusal(RefusalReason.NO_RIGHT, "needs a right that this client does not have"));

  /** Where the gateway keeps credentials, and who may change them. Must not block. */
  public interface Policy {

    /** Whether clients of this listener log in with credentials that the gateway keeps. */
    boolean keepsCredentialsOf(String listener);

    /** Whether the user may change and list the credentials of all. */
    boolean admits(User user);
  }

  private final ScramUsers users;
  private final Policy policy;
  private final Map<String, LongAdder> changes = new ConcurrentHashMap<>();

  // Fixed objects, because clients with equal steps share a plan.
  private final Steps ofAdmins =
      new OneStep(new BlockingStep("credentials", MAX_BYTES, this::carryOut));
  private final Steps ofOthers = new OneStep((_, _) -> NO_RIGHT);

  public CredentialSteps(ScramUsers users, Policy policy) {
    this.users = users;
    this.policy = policy;
  }

  /** The same step for both requests. */
  private record OneStep(RequestStep step) implements Steps {
    @Override
    public @Nullable RequestStep request(int apiKey, int version) {
      return apiKey == DESCRIBE || apiKey == ALTER ? step : null;
    }
  }

  @Override
  public Steps of(Caller caller) {
    if (!policy.keepsCredentialsOf(caller.listener())) {
      return Steps.NONE;
    }
    return policy.admits(caller.user()) ? ofAdmins : ofOthers;
  }

  private Decision carryOut(Caller caller, ByteBuf request) {
    if (request.getShort(4) == DESCRIBE) {
      return new Decision.Answer(DescribedCredentials.answer(users, request));
    }
    AlteredCredentials altered = AlteredCredentials.read(request);
    altered.apply(users, caller.user());
    count(altered.errors());
    return new Decision.Answer(altered.answer(request), altered.audited());
  }

  private void count(Collection<ErrorCode> errors) {
    for (ErrorCode error : errors) {
      String result =
          switch (error) {
            case NONE -> "changed";
            case REQUEST_TIMED_OUT -> "unavailable";
            default -> "refused";
          };
      changes.computeIfAbsent(result, _ -> new LongAdder()).increment();
    }
  }

  @Override
  public MetricSnapshots collect() {
    var all =
        CounterSnapshot.builder()
            .name("gatehouse_credential_changes")
            .help("Users whose credentials Kafka's admin clients asked to change, by result.");
    changes.forEach((result, count) ->
        all.dataPoint(
            CounterDataPointSnapshot.builder()
                .labels(Labels.of("result", result))
                .value(count.sum())
                .build()));
    return new MetricSnapshots(all.build());
  }
}
