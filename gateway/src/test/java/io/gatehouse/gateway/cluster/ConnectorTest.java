package io.gatehouse.gateway.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.login.Login;
import io.gatehouse.auth.login.LoginExchange;
import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.net.Budget;
import io.gatehouse.gateway.net.Dialer;
import io.gatehouse.gateway.net.Loops;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.testkit.FakeBroker;
import io.gatehouse.testkit.FakeBroker.Reply;
import io.gatehouse.testkit.FakeBroker.Request;
import io.gatehouse.testkit.FakeBroker.Then;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Brokers that fail during the setup of a connection. */
class ConnectorTest {

  private static final int SASL_AUTHENTICATE = 36;
  private static final SocketSettings.Side SIDE = SocketSettings.Side.DEFAULT;

  /** Longer than any test waits. */
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** A login whose check of the broker's last token blocks until the test continues. */
  private record BlockingLogin(CountDownLatch enough) implements Login, LoginExchange {

    @Override
    public String mechanism() {
      return "THOUGHTFUL";
    }

    @Override
    public LoginExchange begin(String host) {
      return this;
    }

    @Override
    public byte[] first() {
      return new byte[] {1};
    }

    @Override
    public byte @Nullable [] next(byte[] challenge) throws LoginFailure {
      try {
        if (!enough.await(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
          throw new LoginFailure("never told to go on");
        }
      } catch (InterruptedException e) {
        throw new LoginFailure("interrupted");
      }
      return null;
    }

    @Override
    public boolean isComplete() {
      return enough.getCount() == 0;
    }

    @Override
    public void close() {}
  }

  /** Accepts every login and closes after the last token. */
  private static Reply take(Request request) {
    int api = request.apiKey();
    Reply answer =
        Reply.frame(Frames.response(api, 1, request.correlationId(), Frames.newResponse(api, 1)));
    return api == SASL_AUTHENTICATE ? answer.then(Then.FIN) : answer;
  }

  @Test
  void aBrokerThatClosesDuringALoginIsNoticedAtOnce() {
    CountDownLatch enough = new CountDownLatch(1);
    try (FakeBroker broker = FakeBroker.start(ConnectorTest::take);
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Sockets sockets = new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1));
      UpstreamSettings settings = UpstreamSettings.of(List.of(Scripts.address(broker)));
      Connector connector =
          new Connector(
              settings,
              new Dialer(sockets, Map.of(), null, () -> TIMEOUT),
              Connector.Opened.NONE,
              () -> TIMEOUT);

      Future<Connection> connecting =
          connector.connect(
              loops.next(),
              settings.bootstrapServers(),
              new UpstreamIdentity(new BlockingLogin(enough), null, null, null));

      Await.until(() -> "broker saw " + broker.requests().size(), connecting::isDone);
      assertThat(connecting.cause())
          .isInstanceOf(IOException.class)
          .hasMessage(Scripts.address(broker) + ": the broker closed the connection");
    } finally {
      enough.countDown();
    }
  }

  private static Future<Connection> connect(Loops loops, Login login, FakeBroker... brokers) {
    Sockets sockets = new Sockets(loops, new SocketSettings(SIDE, SIDE, 16, 1));
    UpstreamSettings settings =
        UpstreamSettings.of(Arrays.stream(brokers).map(Scripts::address).toList());
    Connector connector =
        new Connector(
            settings,
            new Dialer(sockets, Map.of(), null, () -> TIMEOUT),
            Connector.Opened.NONE,
            () -> TIMEOUT);
    Future<Connection> connecting =
        connector.connect(
            loops.next(), settings.bootstrapServers(), UpstreamIdentity.ofGateway(login));
    Await.until(() -> "still connecting", connecting::isDone);
    return connecting;
  }

  /** The dialled address may be a load balancer without a broker behind it. */
  @Test
  void aBrokerAtWhichTlsFailsIsSkipped() {
    CountDownLatch thought = new CountDownLatch(0);
    try (FakeBroker useless =
            FakeBroker.start(ConnectorTest::take).greet(Reply.nothing().then(Then.FIN));
        FakeBroker good = FakeBroker.start(request -> take(request).then(Then.READ));
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Future<Connection> connected = connect(loops, new BlockingLogin(thought), useless, good);

      assertThat(connected.cause()).isNull();
      assertThat(connected.getNow().broker()).isEqualTo(Scripts.address(good));
      connected.getNow().channel().close();
    }
  }

  /** Repeated failures could lock the account. */
  @Test
  void aRefusedLoginIsNotTriedAtOtherBrokers() {
    CountDownLatch thought = new CountDownLatch(0);
    try (FakeBroker refusing =
            FakeBroker.start(request -> {
              int api = request.apiKey();
              return Reply.frame(
                  Frames.response(
                      api,
                      1,
                      request.correlationId(),
                      Frames.newResponse(api, 1).set("ErrorCode", (short) 58)));
            });
        FakeBroker other = FakeBroker.start(request -> take(request).then(Then.READ));
        Loops loops = new Loops(1, new Budget(1 << 20))) {
      Future<Connection> connected = connect(loops, new BlockingLogin(thought), refusing, other);

      assertThat(connected.cause()).hasMessageContaining("login with THOUGHTFUL failed");
      assertThat(other.requests()).isEmpty();
    }
  }
}
