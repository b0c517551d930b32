package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.sasl.password.PlainMechanism;
import io.gatehouse.auth.sasl.users.UserFile;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.FakeCluster;
import io.gatehouse.gateway.fixture.FixedSource;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.flow.Audit;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.plan.Decision;
import io.gatehouse.gateway.plan.RequestStep;
import io.gatehouse.gateway.plan.Steps;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.SubjectRules;
import io.gatehouse.tls.TrustSource;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions end when the credentials of their clients are revoked. */
class RevalidationTest {

  private static final String X = "x";

  /** An API that a step decides on. */
  private static final int DECIDED = 701;

  private static final Authority CA = Authority.create("Revalidating CA");

  @TempDir Path folder;

  private ServerTls tls(Path trust, Path crl, boolean endsSessions) throws IOException {
    PemFiles files = CA.server().writePem(Files.createDirectories(folder.resolve("server")));
    return new ServerTls(
        new KeySource.Pem(files.chain(), files.key(), null),
        new ServerTls.Clients(
            ClientAuth.REQUIRED, new TrustSource.Pem(trust, false), crl, SubjectRules.NONE, null),
        Ciphers.DEFAULT,
        endsSessions);
  }

  private static RawClient connect(SecuredGateway secured, Credentials who) throws IOException {
    return RawTls.to("127.0.0.1", secured.brokerPort(X))
        .sni("localhost")
        .trust(CA)
        .identity(who)
        .connect();
  }

  /** Sends requests until the session ends. */
  private static void isEnded(SecuredGateway secured, RawClient client) {
    Await.until(
        () -> "still let through",
        () -> {
          try {
            SecuredGateway.exchange(client);
            return false;
          } catch (IOException e) {
            return true;
          }
        });
    secured.awaitEnds(CloseReason.ACCESS_REVOKED, 1);
  }

  @Test
  void aRevokedCertificateEndsOnlyItsSessions() throws Exception {
    Credentials revoked = CA.client("revoked");
    Credentials other = CA.client("other");
    Path crl = CA.writeCrl(folder.resolve("crl.pem"));
    Path trust = CA.writePem(folder.resolve("ca.pem"));
    try (LogLines log = LogLines.ofConnections();
        LogLines audit = LogLines.of(Audit.LOGGER);
        Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(X, Entry.OPEN.with(tls(trust, crl, true)))
                .start();
        RawClient first = connect(secured, revoked);
        RawClient second = connect(secured, other)) {
      SecuredGateway.exchange(first);
      SecuredGateway.exchange(second);
      CA.revoke(revoked);
      CA.writeCrl(crl);
      isEnded(secured, first);
      log.await("the client's credentials are no longer accepted: SSL: the certificate of");
      audit.await("mechanism=SSL principal=CN=revoked result=access_revoked reason=");
      assertThat(secured.authentications(X, "SSL", "revoked")).isEqualTo(1);
      for (int i = 0; i < 3; i++) {
        SecuredGateway.exchange(second);
      }
      assertThat(secured.figures().ends(CloseReason.ACCESS_REVOKED)).isEqualTo(1);
    }
  }

  @Test
  void removingATrustedAuthorityEndsItsClientsSessions() throws Exception {
    Authority old = Authority.create("Old CA");
    Path crl = CA.writeCrl(folder.resolve("crl.pem"));
    Path trust = Files.writeString(folder.resolve("ca.pem"), CA.pem() + old.pem());
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(X, Entry.OPEN.with(tls(trust, crl, true)))
                .start();
        RawClient first = connect(secured, old.client("alice"));
        RawClient second = connect(secured, CA.client("bob"))) {
      SecuredGateway.exchange(first);
      SecuredGateway.exchange(second);
      Files.writeString(trust, CA.pem());
      isEnded(secured, first);
      SecuredGateway.exchange(second);
    }
  }

  @Test
  void sessionsMayOutliveTheirCertificatesIfConfigured() throws Exception {
    Credentials revoked = CA.client("stays");
    Path crl = CA.writeCrl(folder.resolve("crl.pem"));
    Path trust = CA.writePem(folder.resolve("ca.pem"));
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(X, Entry.OPEN.with(tls(trust, crl, false)))
                .start();
        RawClient client = connect(secured, revoked)) {
      SecuredGateway.exchange(client);
      CA.revoke(revoked);
      CA.writeCrl(crl);
      Await.until(
          () -> "still let in",
          () -> {
            try (RawClient another = connect(secured, revoked)) {
              SecuredGateway.exchange(another);
              return false;
            } catch (IOException e) {
              return true;
            }
          });
      SecuredGateway.exchange(client);
    }
  }

  @Test
  void aSessionEndsWithItsCertificate() throws Exception {
    Path crl = CA.writeCrl(folder.resolve("crl.pem"));
    Path trust = CA.writePem(folder.resolve("ca.pem"));
    Instant end = Instant.now().plusSeconds(8);
    Credentials brief = CA.issue("brief").valid(Instant.now().minusSeconds(60), end).sign();
    try (LogLines log = LogLines.ofConnections();
        Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener(X, Entry.OPEN.with(tls(trust, crl, true)))
                .start();
        RawClient client = connect(secured, brief)) {
      SecuredGateway.exchange(client);
      Await.until(() -> "the certificate has not ended", () -> Instant.now().isAfter(end));
      assertThatThrownBy(() -> SecuredGateway.exchange(client)).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.AUTHENTICATION_EXPIRED, 1);
      log.await("the client's certificate has expired");
    }
  }

  @Test
  void aRemovedUsersSessionEndsAtTheNextRequest() throws Exception {
    Path file = Files.writeString(folder.resolve("users"), "alice:{plain}a\nbob:{plain}b\n");
    Authentication passwords =
        FixedSource.sasl(List.of(new PlainMechanism(new UserFile(file))), Duration.ZERO);
    try (LogLines log = LogLines.ofConnections();
        Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked()).listener(X, Entry.OPEN.with(passwords)).start()) {
      FakeCluster.awaitKnown(secured.gateway());
      try (RawClient alice = RawClient.connect("127.0.0.1", secured.brokerPort(X));
          RawClient bob = RawClient.connect("127.0.0.1", secured.brokerPort(X))) {
        assertThat(RawSasl.plain(alice, "alice", "a")).isZero();
        assertThat(RawSasl.plain(bob, "bob", "b")).isZero();
        SecuredGateway.exchange(alice);
        Files.writeString(file, "bob:{plain}b\n");
        isEnded(secured, alice);
        log.await("User:alice");
        log.await("was removed from the user file");
        assertThat(secured.authentications(X, "PLAIN", "revoked")).isEqualTo(1);
        // Several pipelined: requests behind the one that waits keep their order.
        for (int i = 0; i < 3; i++) {
          bob.sendFrame(Frames.request(Frames.UNKNOWN, 0, 20 + i, new byte[] {1}));
        }
        for (int i = 0; i < 3; i++) {
          assertThat(Frames.responseCorrelationId(bob.readFrame(Rig.LIMIT))).isEqualTo(20 + i);
        }
      }
    }
  }

  /** Such as who changes the password of the own session. */
  @Test
  void anAnswerThatWasDecidedIsDeliveredBeforeTheSessionEnds() throws Exception {
    Path file = Files.writeString(folder.resolve("users"), "alice:{plain}a\n");
    Authentication passwords =
        FixedSource.sasl(List.of(new PlainMechanism(new UserFile(file))), Duration.ZERO);
    Promise<Decision> made = ImmediateEventExecutor.INSTANCE.newPromise();
    CountDownLatch asked = new CountDownLatch(1);
    Steps steps =
        new Steps() {
          @Override
          public @Nullable RequestStep request(int apiKey, int version) {
            return apiKey != DECIDED
                ? null
                : (_, _) -> {
                  asked.countDown();
                  return new Decision.Wait(made, Duration.ofMinutes(1));
                };
          }
        };
    try (Echo echo = new Echo();
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .setup(new Setup().steps(steps))
                .listener(X, Entry.OPEN.with(passwords))
                .start()) {
      FakeCluster.awaitKnown(secured.gateway());
      try (RawClient client = RawClient.connect("127.0.0.1", secured.brokerPort(X));
          RawClient other = RawClient.connect("127.0.0.1", secured.brokerPort(X))) {
        assertThat(RawSasl.plain(client, "alice", "a")).isZero();
        assertThat(RawSasl.plain(other, "alice", "a")).isZero();
        client.sendFrame(Frames.request(DECIDED, 0, 1, new byte[] {1}));
        client.sendFrame(Frames.request(Frames.UNKNOWN, 0, 2, new byte[] {1}));
        assertThat(asked.await(1, TimeUnit.MINUTES)).isTrue();
        Files.writeString(file, "bob:{plain}b\n");
        isEnded(secured, other);
        byte[] answer = Frames.response(1, new byte[] {7});
        made.setSuccess(new Decision.Answer(Unpooled.wrappedBuffer(Frames.framed(answer))));
        assertThat(client.readFrame(Rig.LIMIT)).isEqualTo(answer);
        client.expectClosed(Rig.LIMIT);
        secured.awaitEnds(CloseReason.ACCESS_REVOKED, 2);
      }
    }
  }
}
