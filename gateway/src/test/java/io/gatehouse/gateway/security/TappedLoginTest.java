package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.RawBroker;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.tap.Tap;
import io.gatehouse.gateway.tap.TapFilter;
import io.gatehouse.gateway.tap.TapOptions;
import io.gatehouse.testkit.RawClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Taps show no passwords, whether the gateway or a broker checks them. */
class TappedLoginTest {

  private static final String X = "x";
  private static final String PASSWORD = "correct-horse";

  private static final Entry PLAIN =
      Entry.OPEN.with(
          FixedSource.sasl(
              List.of(
                  new PlainMechanism((user, password, peer) ->
                      new SaslExchange.Outcome(new Principal(user, "PLAIN"), null))),
              Duration.ZERO));

  private static Tap open(SecuredGateway secured) {
    TapFilter filter = new TapFilter(X, null, Set.of(RawSasl.HANDSHAKE, RawSasl.AUTHENTICATE));
    return Objects.requireNonNull(
        secured.gateway().taps().open(new TapOptions(filter, true, 1_000, 4, Duration.ZERO)));
  }

  private static String next(Tap tap) throws InterruptedException {
    String line = Objects.requireNonNull(tap.next(Rig.LIMIT), "no line");
    assertThat(line).doesNotContain(PASSWORD, "Y29ycmVjdC1ob3JzZQ");
    return line;
  }

  @Test
  void aLoginAtTheGateway() throws Exception {
    try (RawBroker broker = RawBroker.start();
        Echo cluster = new Echo(broker.address());
        SecuredGateway secured = SecuredGateway.of(cluster.asked()).listener(X, PLAIN).start();
        Tap tap = open(secured);
        RawClient client = RawClient.connect("localhost", secured.port(X))) {
      assertThat(RawSasl.plain(client, "alice", PASSWORD)).isZero();
      assertThat(next(tap))
          .contains("\"listener\":\"x\"", "\"api\":\"SaslHandshake\"", "\"Mechanism\":\"PLAIN\"");
      assertThat(next(tap)).contains("\"direction\":\"response\"", "\"Mechanisms\":[\"PLAIN\"]");
      assertThat(next(tap))
          .contains("\"api\":\"SaslAuthenticate\"", "\"body\":{\"AuthBytes\":\"<hidden>\"}")
          .doesNotContain("principal");
      assertThat(next(tap)).contains("\"principal\":\"User:alice\"", "\"AuthBytes\":\"<hidden>\"");
      assertThat(tap.isEnded()).isTrue();
    }
  }

  /** Raw tokens (SaslHandshake v0) are not requests and not shown. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void aLoginAtTheBroker(int version) throws Exception {
    byte[] handshake =
        Frames.request(
            RawSasl.HANDSHAKE,
            version,
            1,
            Frames.newRequest(RawSasl.HANDSHAKE, version).set("Mechanism", "PLAIN"));
    try (Rig rig = Rig.start();
        Tap tap =
            Objects.requireNonNull(
                rig.gateway()
                    .taps()
                    .open(new TapOptions(TapFilter.ALL, true, 1_000, 0, Duration.ZERO)))) {
      Rig.Pair pair = rig.begin(handshake);
      RawClient client = pair.client();
      RawClient link = pair.link();
      assertThat(Frames.apiKey(link.readFrame(Rig.LIMIT))).isEqualTo(RawSasl.HANDSHAKE);
      link.sendFrame(
          Frames.response(
              RawSasl.HANDSHAKE,
              version,
              1,
              Frames.newResponse(RawSasl.HANDSHAKE, version).set("Mechanisms", List.of("PLAIN"))));
      assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
      byte[] token = RawSasl.plainToken("alice", PASSWORD);
      if (version == 0) {
        client.sendFrame(token);
        assertThat(link.readFrame(Rig.LIMIT)).isEqualTo(token);
        link.sendFrame(new byte[0]);
        assertThat(client.readFrame(Rig.LIMIT)).isEmpty();
      } else {
        RawSasl.sendToken(client, token);
        assertThat(Frames.apiKey(link.readFrame(Rig.LIMIT))).isEqualTo(RawSasl.AUTHENTICATE);
        link.sendFrame(
            Frames.response(
                RawSasl.AUTHENTICATE, 1, 12, Frames.newResponse(RawSasl.AUTHENTICATE, 1)));
        assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
      }
      assertThat(next(tap)).contains("\"api\":\"SaslHandshake\"");
      assertThat(next(tap)).contains("\"direction\":\"response\"");
      if (version == 1) {
        assertThat(next(tap)).contains("\"body\":{\"AuthBytes\":\"<hidden>\"}");
        assertThat(next(tap)).contains("\"AuthBytes\":\"<hidden>\"");
      }
      assertThat(tap.next(Duration.ZERO)).isNull();
    }
  }
}
