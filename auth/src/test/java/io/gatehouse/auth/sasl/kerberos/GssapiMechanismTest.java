package io.gatehouse.auth.sasl.kerberos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gatehouse.auth.KerberosLogin;
import io.gatehouse.auth.Principal;
import io.gatehouse.auth.sasl.Clients;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure.Reason;
import io.gatehouse.testkit.kerberos.Kdc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GssapiMechanismTest {

  @TempDir private static Path folder;
  private static Kdc kdc;
  private static GssapiSettings settings;

  @BeforeAll
  static void start() {
    kdc = Kdc.start(folder).useInThisJvm();
    settings = GssapiSettings.of(kdc.principal("kafka/localhost"), kdc.keytab("kafka/localhost"));
  }

  @AfterAll
  static void stop() {
    kdc.close();
  }

  @Test
  void ticketsLetIn() throws Exception {
    SaslExchange exchange = login(new GssapiMechanism(settings), "alice", null);
    assertThat(exchange.outcome())
        .isEqualTo(
            new SaslExchange.Outcome(
                new Principal("alice", "GSSAPI", Map.of("principal", kdc.principal("alice"))),
                null));
  }

  @Test
  void rulesMapNames() throws Exception {
    GssapiSettings ruled =
        new GssapiSettings(
            settings.principal(),
            settings.keytab(),
            List.of("RULE:[2:$1-$2](app-.*)s/^app-(.*)$/service-$1/U", "RULE:[1:$1]"));
    SaslExchange exchange = login(new GssapiMechanism(ruled), "app/orders", null);
    assertThat(name(exchange)).isEqualTo("SERVICE-ORDERS");
  }

  @Test
  void namesThatNoRuleKnowsAreRefused() {
    GssapiSettings ruled =
        new GssapiSettings(settings.principal(), settings.keytab(), List.of("RULE:[2:$1](nobody)"));
    Clients.refused(Reason.NOT_FOR_US, () -> login(new GssapiMechanism(ruled), "alice", null));
  }

  @Test
  void otherAuthorizationIdsAreRefused() {
    Clients.refused(
        Reason.BAD_CREDENTIALS,
        () -> login(new GssapiMechanism(settings), "alice", kdc.principal("admin")));
  }

  @Test
  void ticketsAreUsedOnce() throws Exception {
    GssapiMechanism mechanism = new GssapiMechanism(settings);
    SaslClient client = client("alice", null);
    byte[] first = Subject.callAs(subject("alice"), () -> client.evaluateChallenge(new byte[0]));
    assertThat(mechanism.begin(Clients.local()).next(first)).isNotEmpty();
    SaslExchange replay = mechanism.begin(Clients.local());
    Clients.refused(Reason.BAD_CREDENTIALS, () -> replay.next(first));
    assertThat(replay.outcome()).isNull();
  }

  @Test
  void ticketsOfAnotherServiceAreRefused() throws Exception {
    GssapiSettings other =
        GssapiSettings.of(kdc.principal("HTTP/localhost"), kdc.keytab("HTTP/localhost"));
    Clients.refused(Reason.BAD_CREDENTIALS, () -> login(new GssapiMechanism(other), "alice", null));
  }

  @Test
  void invalidTicketsAreRefused() {
    GssapiMechanism mechanism = new GssapiMechanism(settings);
    for (byte[] token : new byte[][] {{}, {1}, "junk".getBytes(UTF_8), {0x60, 0x7f}}) {
      SaslExchange exchange = mechanism.begin(Clients.local());
      Clients.refused(Reason.BAD_CREDENTIALS, () -> exchange.next(token));
      Clients.refused(Reason.MALFORMED, () -> exchange.next(token));
      exchange.close();
    }
    Clients.refused(
        Reason.MALFORMED, () -> mechanism.begin(Clients.local()).next(new byte[100_000]));
  }

  @Test
  void wrongSettingsAreRefused() throws Exception {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GssapiSettings.of("kafka", settings.keytab()))
        .withMessageContaining("service/host@REALM");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GssapiSettings.of(settings.principal(), folder.resolve("missing")))
        .withMessageContaining("missing");
    Path empty = Files.createFile(folder.resolve("empty.keytab"));
    GssapiSettings without = GssapiSettings.of(settings.principal(), empty);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GssapiMechanism(without))
        .withMessageContaining("empty.keytab");
    GssapiSettings rule =
        new GssapiSettings(settings.principal(), settings.keytab(), List.of("RULE:broken"));
    assertThatIllegalArgumentException().isThrownBy(() -> new GssapiMechanism(rule));
  }

  private static SaslExchange login(
      GssapiMechanism mechanism, String user, @Nullable String authorization) throws Exception {
    Subject subject = subject(user);
    SaslClient client = client(user, authorization);
    SaslExchange exchange = mechanism.begin(Clients.local());
    byte[] token = Subject.callAs(subject, () -> client.evaluateChallenge(new byte[0]));
    while (exchange.outcome() == null) {
      byte[] challenge = exchange.next(token);
      byte @Nullable [] answer =
          Subject.callAs(
              subject, () -> client.isComplete() ? null : client.evaluateChallenge(challenge));
      token = answer == null ? new byte[0] : answer;
    }
    assertThat(client.isComplete()).isTrue();
    return exchange;
  }

  private static String name(SaslExchange exchange) {
    SaslExchange.Outcome outcome = exchange.outcome();
    return outcome == null ? "nobody" : outcome.principal().name();
  }

  private static SaslClient client(String user, @Nullable String authorization) throws Exception {
    return Subject.callAs(
        subject(user),
        () ->
            Sasl.createSaslClient(
                new String[] {"GSSAPI"}, authorization, "kafka", "localhost", Map.of(), null));
  }

  private static Subject subject(String user) throws Exception {
    return KerberosLogin.subject(
        Map.of(
            "principal", kdc.principal(user),
            "keyTab", kdc.keytab(user).toString(),
            "useKeyTab", "true",
            "storeKey", "true",
            "doNotPrompt", "true",
            "refreshKrb5Config", "true"),
        null);
  }
}
