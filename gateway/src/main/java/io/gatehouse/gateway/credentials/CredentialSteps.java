package io.gatehouse.gateway.credentials;

import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.scram.ScramUsers;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.metrics.RefusalReason;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.wire.ErrorCode;
import io.gatehouse.wire.MalformedMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
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

  private static final int MAX_AT_ONCE = 8;

  /** Longer than a store may take to answer. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final Decision NO_RIGHT =
      new Decision.Refuse(
          new ErrorRefusal(RefusalReason.NO_RIGHT, "needs a right that this client does not have"));

  private static final Decision TOO_LARGE =
      new Decision.Refuse(
          new ErrorRefusal(
              RefusalReason.REQUEST_TOO_LARGE,
              "takes at most " + MAX_BYTES + " bytes at this gateway: name fewer users at once"));

  private static final Decision BUSY =
      new Decision.Refuse(
          new ErrorRefusal(RefusalReason.STORE_BUSY, "has to wait: too many requests do"));

  /** Where the gateway keeps credentials, and who may change them. Must not block. */
  public interface Policy {

    /** Whether clients of this listener log in with credentials that the gateway keeps. */
    boolean keepsCredentialsOf(String listener);

    /** Whether the user may change and list the credentials of all. */
    boolean admits(User user);
  }

  private final ScramUsers users;
  private final Policy policy;
  private final Semaphore permits = new Semaphore(MAX_AT_ONCE);
  private final Map<String, LongAdder> changes = new ConcurrentHashMap<>();

  // Fixed objects, because clients with equal steps share a plan.
  private final Steps ofAdmins = new OneStep(this::answer);
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

  private Decision answer(Caller caller, ByteBuf frame) {
    if (frame.readableBytes() > MAX_BYTES) {
      return TOO_LARGE;
    }
    if (!permits.tryAcquire()) {
      return BUSY;
    }
    ByteBuf request = Unpooled.copiedBuffer(frame);
    Promise<Decision> made = ImmediateEventExecutor.INSTANCE.newPromise();
    Thread.ofVirtual()
        .name("credentials")
        .start(() -> {
          Decision decision;
          try {
            decision = carryOut(caller.user(), request);
          } catch (MalformedMessage e) {
            decision = new Decision.Close(CloseReason.MALFORMED_REQUEST, ": " + e.getMessage());
          } catch (RuntimeException | Error e) {
            made.setFailure(e);
            return;
          } finally {
            permits.release();
          }
          made.setSuccess(decision);
        });
    return new Decision.Wait(made, DEADLINE);
  }

  private Decision carryOut(User actor, ByteBuf request) {
    if (request.getShort(4) == DESCRIBE) {
      return new Decision.Answer(DescribedCredentials.answer(users, request));
    }
    AlteredCredentials altered = AlteredCredentials.read(request);
    altered.apply(users, actor);
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
