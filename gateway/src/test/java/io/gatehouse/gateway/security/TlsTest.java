package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatehouse.auth.Secret;
import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LogLines;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.Stubborn;
import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.KeyFormat;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.testkit.pki.StoreType;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.PrincipalRules;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.SubjectRules;
import io.gatehouse.tls.TrustSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with clients: key formats, client certificates, and changed files. */
class TlsTest {

  private static final Authority CA = Authority.create("Test CA");
  private static final Authority SUB = CA.intermediate("Sub CA");
  private static final Secret PASSWORD = new Secret("secret");

  @TempDir Path folder;

  private final Echo echo = new Echo();
  private final LogLines log = LogLines.ofConnections();

  @AfterEach
  void stop() {
    log.close();
    echo.close();
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  private static KeySource pem(PemFiles files, @Nullable Secret password) {
    return new KeySource.Pem(files.chain(), files.key(), password);
  }

  private KeySource serverKey() throws IOException {
    return pem(CA.server().writePem(folder("server")), null);
  }

  private static RawTls client(SecuredGateway secured, String listener) {
    return RawTls.to("127.0.0.1", secured.port(listener)).sni("localhost").trust(CA);
  }

  private static void works(SecuredGateway secured, String listener) throws IOException {
    try (RawClient client = client(secured, listener).connect()) {
      SecuredGateway.exchange(client);
    }
  }

  private static void worksAs(SecuredGateway secured, String listener, Credentials who)
      throws IOException {
    try (RawClient client = client(secured, listener).identity(who).connect()) {
      SecuredGateway.exchange(client);
    }
  }

  /** In TLS 1.3 the refusal arrives after the client has completed its handshake. */
  private static void isRefused(
      SecuredGateway secured, String listener, @Nullable Credentials who) {
    assertThatThrownBy(
            () -> {
              RawTls to = client(secured, listener);
              try (RawClient client = (who == null ? to : to.identity(who)).connect()) {
                SecuredGateway.exchange(client);
              }
            })
        .as("%s at %s", who == null ? "nobody" : who.subject(), listener)
        .isInstanceOf(IOException.class);
  }

  private static void isRefusedThough(SecuredGateway secured, String listener, Credentials shown) {
    assertThatThrownBy(
            () -> {
              try (RawClient client = Stubborn.connect(secured.port(listener), shown)) {
                SecuredGateway.exchange(client);
              }
            })
        .as("%s at %s", shown.certificate(), listener)
        .isInstanceOf(IOException.class);
  }

  private ServerTls.Clients clients(ClientAuth auth) {
    return ServerTls.Clients.of(auth, new TrustSource.Text(CA.pem()));
  }

  private static ServerTls tls(KeySource key, ServerTls.Clients clients) {
    return new ServerTls(key, clients, Ciphers.DEFAULT);
  }

  // ---- forms of keys ----------------------------------------------------------------------------

  @Test
  void everyKeyFormatWorks() throws Exception {
    Credentials direct = CA.server();
    Credentials chained = SUB.server();
    Map<String, KeySource> sources = new LinkedHashMap<>();
    for (KeyFormat format : KeyFormat.values()) {
      sources.put(
          "pem " + format,
          pem(chained.writePem(folder(format.name()), format, "secret"), PASSWORD));
    }
    sources.put("wrong order", pem(chained.inWrongOrder().writePem(folder("order")), null));
    sources.put("with root", pem(chained.withRoot().writePem(folder("root")), null));
    sources.put(
        "rsa", pem(CA.issue("b").dns("localhost").rsa().sign().writePem(folder("rsa")), null));
    Path stores = folder("stores");
    for (StoreType type : StoreType.values()) {
      sources.put(
          "store " + type,
          new KeySource.Store(
              chained.writeKeyStore(stores, type.name(), type, "secret"), PASSWORD, null, null));
    }
    sources.put(
        "key password",
        new KeySource.Store(
            direct.writeJks(stores.resolve("two.jks"), "secret", "another"),
            PASSWORD,
            new Secret("another"),
            null));
    sources.put("text", new KeySource.Text(direct.chainPem(), new Secret(direct.keyPem()), null));
    SecuredGateway.Builder order = SecuredGateway.of(echo.asked());
    sources.forEach((name, source) -> order.listener(name, Entry.OPEN.with(ServerTls.of(source))));
    try (SecuredGateway secured = order.start()) {
      for (String name : sources.keySet()) {
        works(secured, name);
      }
    }
  }

  @Test
  void aKeyThatDoesNotMatchTheCertificatePreventsTheStart() throws Exception {
    KeySource wrong =
        pem(CA.server().withKeyOf(CA.client("other")).writePem(folder("wrong")), null);

    assertThatThrownBy(() ->
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(ServerTls.of(wrong)))
                .start())
        .hasMessageContaining("tls.crt")
        .hasMessageContaining("belongs to the private key");
  }

  // ---- versions and plaintext
  // ---------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothVersionsWork(String version) throws Exception {
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(ServerTls.of(serverKey())))
                .start();
        RawClient client = client(secured, "x").protocols(version).connect()) {
      assertThat(((SSLSocket) client.socket()).getSession().getProtocol()).isEqualTo(version);
      SecuredGateway.exchange(client);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x0300, 0x0301, 0x0302})
  void olderVersionsAreRefused(int version) throws Exception {
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(ServerTls.of(serverKey())))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      client.send(hello(version));

      byte[] alert = client.read(7, Rig.LIMIT);
      assertThat(alert[0]).as("alert").isEqualTo((byte) 21);
      assertThat(alert[5]).as("fatal").isEqualTo((byte) 2);
      assertThat(alert[6]).as("protocol_version, handshake_failure").isIn((byte) 70, (byte) 40);
      client.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.TLS_FAILED, 1);
      assertThat(log.lines()).singleElement().asString().contains("TLS handshake failed");
    }
  }

  /** The ClientHello of an old client: four cipher suites, no extensions. */
  private static byte[] hello(int version) {
    byte[] suites = {(byte) 0xc0, 0x13, (byte) 0xc0, 0x09, 0, 0x2f, 0, 0x35};
    int body = 2 + 32 + 1 + 2 + suites.length + 2;
    return ByteBuffer.allocate(5 + 4 + body)
        .put((byte) 0x16)
        .putShort((short) Math.min(version, 0x0301))
        .putShort((short) (4 + body))
        .putInt(0x01000000 | body)
        .putShort((short) version)
        .put(new byte[32])
        .put((byte) 0)
        .putShort((short) suites.length)
        .put(suites)
        .put((byte) 1)
        .put((byte) 0)
        .array();
  }

  @Test
  void aMismatchOfTlsAndPlaintextIsDetected() throws Exception {
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked())
            .listener("tls", Entry.OPEN.with(ServerTls.of(serverKey())))
            .listener("plain", Entry.OPEN)
            .start()) {
      try (RawClient client = RawClient.connect("127.0.0.1", secured.port("tls"))) {
        client.sendFrame(Frames.request(Frames.METADATA, 0, 1, new byte[4]));
        byte[] alert = readToEnd(client);
        assertThat(alert.length).as("bytes sent to it").isLessThanOrEqualTo(7);
      }
      secured.awaitEnds(CloseReason.PLAINTEXT_ON_TLS, 1);
      log.await("the client does not use TLS on a TLS listener");

      assertThatThrownBy(() -> client(secured, "plain").connect()).isInstanceOf(IOException.class);
      secured.awaitEnds(CloseReason.TLS_ON_PLAINTEXT, 1);
      log.await("the client uses TLS on a plaintext listener");
    }
  }

  private static byte[] readToEnd(RawClient client) throws IOException {
    client.socket().setSoTimeout((int) Rig.LIMIT.toMillis());
    return client.socket().getInputStream().readAllBytes();
  }

  // ---- client certificates ----------------------------------------------------------------------

  @Test
  void clientCertificatesAreRequestedOrRequired() throws Exception {
    Authentication named = new Authentication.Open(new PrincipalRules("RULE:^CN=([a-z]+).*$/$1/U"));
    SecuredGateway.Builder order = SecuredGateway.of(echo.asked());
    for (ClientAuth auth : ClientAuth.values()) {
      ServerTls.Clients asked =
          auth == ClientAuth.NONE ? ServerTls.Clients.NOT_ASKED : clients(auth);
      order.listener(auth.name(), Entry.OPEN.with(tls(serverKey(), asked)).with(named));
    }
    try (SecuredGateway secured = order.start()) {
      Credentials alice = CA.client("alice");
      works(secured, "NONE");
      works(secured, "OPTIONAL");
      worksAs(secured, "NONE", alice);
      worksAs(secured, "OPTIONAL", alice);
      worksAs(secured, "REQUIRED", alice);
      worksAs(secured, "REQUIRED", SUB.client("alice"));

      log.await("REQUIRED");
      assertThat(log.lines().stream().filter(line -> line.contains("ALICE")))
          .as("connections with a principal")
          .hasSizeGreaterThanOrEqualTo(2)
          .noneMatch(line -> line.contains("NONE"));
      assertThat(secured.authentications("REQUIRED", "SSL", "success")).isEqualTo(2);

      isRefused(secured, "REQUIRED", null);
      for (Credentials wrong :
          List.of(
              Authority.create("Another CA").client("alice"),
              Credentials.selfSigned("alice").sign(),
              CA.issue("alice").clientOnly().expired().sign(),
              CA.issue("alice").clientOnly().notYetValid().sign(),
              CA.issue("alice").serverOnly().sign(),
              SUB.client("alice").withoutIssuers())) {
        isRefusedThough(secured, "REQUIRED", wrong);
        isRefusedThough(secured, "OPTIONAL", wrong);
      }
      secured.awaitEnds(CloseReason.TLS_FAILED, 13);
      log.await("the certificate is not accepted");

      isRefused(secured, "REQUIRED", CA.client("007"));
      secured.awaitEnds(CloseReason.AUTHENTICATION_FAILED, 1);
      log.await("no principal mapping rule fits the certificate of CN=007");
      assertThat(secured.authentications("REQUIRED", "SSL", "not_for_us")).isEqualTo(1);
    }
  }

  @Test
  void revokedCertificatesAreRefusedAlsoIfRevokedLater() throws Exception {
    Authority ca = Authority.create("Revoking CA");
    Authority sub = ca.intermediate("Revoking Sub CA");
    Credentials early = ca.client("early");
    Credentials late = ca.client("late");
    Credentials chained = sub.client("chained");
    ca.revoke(early);
    Path crl = folder.resolve("crl.pem");
    ca.writeCrl(crl);
    ServerTls.Clients clients =
        new ServerTls.Clients(
            ClientAuth.REQUIRED, new TrustSource.Text(ca.pem()), crl, SubjectRules.NONE, null);
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked())
            .listener("x", Entry.OPEN.with(tls(serverKey(), clients)))
            .start()) {
      isRefused(secured, "x", early);
      log.await("was revoked on");
      worksAs(secured, "x", late);
      worksAs(secured, "x", chained);

      ca.revoke(late);
      ca.writeCrl(crl);
      Await.until(() -> "late is still let in", () -> refuses(secured, late));
      worksAs(secured, "x", chained);
    }
  }

  private static boolean refuses(SecuredGateway secured, Credentials who) {
    try {
      worksAs(secured, "x", who);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void subjectRulesDecideWhichClientsAreAccepted() throws Exception {
    ServerTls.Clients clients =
        new ServerTls.Clients(
            ClientAuth.REQUIRED,
            new TrustSource.Text(CA.pem()),
            null,
            SubjectRules.parse(List.of("s:/CN=[alice]/O=[Example]", "r:/CN=[^svc-[0-9]+$]")),
            null);
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked())
            .listener("x", Entry.OPEN.with(tls(serverKey(), clients)))
            .start()) {
      worksAs(secured, "x", CA.issue("alice").subject("CN=alice,O=Example").clientOnly().sign());
      worksAs(secured, "x", CA.client("svc-12"));
      isRefused(secured, "x", CA.client("alice"));
      isRefused(secured, "x", CA.client("svc-x"));
      isRefused(secured, "x", CA.issue("x").subject("CN=alice\\,O\\=Example").clientOnly().sign());
      log.await("no subject rule admits");
    }
  }

  @Test
  void aPinnedClientCertificateIsTheOnlyOneAccepted() throws Exception {
    Credentials own = CA.client("gateway");
    PemFiles files = own.writePem(folder("own"));
    ServerTls.Clients clients =
        new ServerTls.Clients(ClientAuth.REQUIRED, null, null, SubjectRules.NONE, files.chain());
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked())
            .listener("x", Entry.OPEN.with(tls(serverKey(), clients)))
            .start()) {
      worksAs(secured, "x", own);
      isRefused(secured, "x", CA.client("gateway"));
      isRefused(secured, "x", null);
      isRefusedThough(secured, "x", Credentials.selfSigned("gateway").sign());
      isRefusedThough(secured, "x", own.withKeyOf(CA.client("thief")));
    }
  }

  // ---- files that change ------------------------------------------------------------------------

  private static X509Certificate shown(SecuredGateway secured) throws IOException {
    try (RawClient client = client(secured, "x").connect()) {
      SecuredGateway.exchange(client);
      return (X509Certificate) ((SSLSocket) client.socket()).getSession().getPeerCertificates()[0];
    }
  }

  private static void awaitShown(SecuredGateway secured, Credentials expected) {
    Await.until(
        () -> "the old certificate is still shown",
        () -> shown(secured).equals(expected.certificate()));
  }

  @Test
  void changedFilesAreUsedForNewHandshakesUnlessTheyAreBroken() throws Exception {
    Credentials first = CA.server();
    Credentials second = CA.server();
    Path keys = folder("keys");
    KeySource source = pem(first.writePem(keys), null);
    try (LogLines reloads = LogLines.of("io.gatehouse.tls.TlsContext");
        SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(ServerTls.of(source)))
                .start();
        RawClient old = client(secured, "x").connect()) {
      assertThat(shown(secured)).isEqualTo(first.certificate());
      assertThat(secured.figures().value(EXPIRY, OF))
          .isEqualTo(first.certificate().getNotAfter().toInstant().getEpochSecond());

      Files.writeString(keys.resolve("tls.crt"), "-----BEGIN CERTIFICATE-----\nbroken");
      reloads.await("ERROR listener x: changed files cannot be used, the old ones stay in force");
      assertThat(shown(secured)).isEqualTo(first.certificate());
      assertThat(secured.figures().value("gatehouse_tls_reload_failures", OF)).isEqualTo(1);
      assertThat(secured.figures().value("gatehouse_tls_files_broken", OF)).isEqualTo(1);

      second.writePem(keys);
      awaitShown(secured, second);
      assertThat(secured.figures().value("gatehouse_tls_files_broken", OF)).isZero();
      SecuredGateway.exchange(old); // open connections stay open
    }
  }

  private static final String EXPIRY = "gatehouse_certificate_expiry_timestamp_seconds";
  private static final String[] OF = {"of", "listener x"};

  @Test
  void aKubernetesSecretIsReplacedByItsSymlink() throws Exception {
    Credentials first = CA.server();
    Credentials second = CA.server();
    first.writePem(folder("..2026_01"));
    second.writePem(folder("..2026_02"));
    Path data = folder.resolve("..data");
    Files.createSymbolicLink(data, Path.of("..2026_01"));
    for (String name : List.of("tls.crt", "tls.key")) {
      Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
    }
    KeySource source =
        new KeySource.Pem(folder.resolve("tls.crt"), folder.resolve("tls.key"), null);
    try (SecuredGateway secured =
        SecuredGateway.of(echo.asked())
            .listener("x", Entry.OPEN.with(ServerTls.of(source)))
            .start()) {
      assertThat(shown(secured)).isEqualTo(first.certificate());

      Path fresh = folder.resolve("..data_tmp");
      Files.createSymbolicLink(fresh, Path.of("..2026_02"));
      Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

      awaitShown(secured, second);
      assertThat(secured.figures().value("gatehouse_tls_reload_failures", OF)).isZero();
    }
  }

  @Test
  void anIncompleteHandshakeTimesOut() throws Exception {
    try (SecuredGateway secured =
            SecuredGateway.of(echo.asked())
                .listener("x", Entry.OPEN.with(ServerTls.of(serverKey())))
                .setup(
                    new io.gatehouse.gateway.fixture.Setup()
                        .requestTimeout(Duration.ofSeconds(1), Duration.ofSeconds(1)))
                .start();
        RawClient client = RawClient.connect("127.0.0.1", secured.port("x"))) {
      client.send((byte) 0x16, (byte) 3, (byte) 1);

      client.expectClosed(Rig.LIMIT);
      secured.awaitEnds(CloseReason.FIRST_REQUEST_TIMEOUT, 1);
      assertThat(echo.connections()).isZero();
    }
  }
}
