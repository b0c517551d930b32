package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.plan.Caller;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.ErrorRefusal;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.wire.tree.Struct;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests are treated by who sends them. */
class CallersTest {

  private static final String LISTENER = "x";
  private static final int DELETE_TOPICS = 20;
  private static final int VERSION = 5;

  private final Echo echo = new Echo();
  private final Queue<Caller> callers = new ConcurrentLinkedQueue<>();
  private SecuredGateway gateway;

  /** Users other than the administrator may not delete topics. */
  private final class Deletions implements Steps {
    @Override
    public Steps of(Caller caller) {
      return caller.user().name().equals("admin") ? Steps.NONE : this;
    }

    @Override
    public @Nullable RequestStep request(int apiKey, int version) {
      return apiKey == DELETE_TOPICS
          ? (caller, _) -> {
            callers.add(caller);
            return new Decision.Refuse(ErrorRefusal.FORBIDDEN);
          }
          : null;
    }
  }

  @BeforeEach
  void start() throws Exception {
    gateway =
        SecuredGateway.of(echo.asked())
            .setup(new Setup().steps(new Deletions()))
            .listener(
                LISTENER,
                Entry.OPEN.with(
                    FixedSource.sasl(
                        List.of(
                            new PlainMechanism((user, password, peer) ->
                                new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
                        Duration.ZERO)))
            .start();
    FakeCluster.awaitKnown(gateway.gateway());
  }

  @AfterEach
  void stop() {
    gateway.close();
    echo.close();
  }

  private RawClient connectAs(String user) throws IOException {
    RawClient client = RawClient.connect("127.0.0.1", gateway.brokerPort(LISTENER));
    assertThat(RawSasl.plain(client, user, "any")).isZero();
    return client;
  }

  private static byte[] delete(RawClient client) throws IOException {
    Struct body = Frames.newRequest(DELETE_TOPICS, VERSION).set("TopicNames", List.of("orders"));
    client.sendFrame(Frames.request(DELETE_TOPICS, VERSION, 7, body));
    return client.readFrame(Rig.LIMIT);
  }

  @Test
  void oneUserIsRefusedWhatAnotherMayDo() throws Exception {
    try (RawClient alice = connectAs("alice");
        RawClient admin = connectAs("admin")) {
      Struct refused = Frames.readResponse(DELETE_TOPICS, VERSION, delete(alice));
      assertThat(refused.getStructs("Responses").getFirst().getInt("ErrorCode"))
          .isEqualTo(ErrorRefusal.FORBIDDEN.cause().code().number());
      assertThat(delete(admin)).isNotEmpty();
      assertThat(callers)
          .singleElement()
          .satisfies(caller -> {
            assertThat(caller.user().name()).isEqualTo("alice");
            assertThat(caller.mechanism()).isEqualTo("PLAIN");
            assertThat(caller.listener()).isEqualTo(LISTENER);
          });
    }
  }
}
