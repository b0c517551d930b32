package io.gatehouse.testkit.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PkiTest {

  private static final Authority CA = Authority.create("Test CA");

  @Test
  void validServersAreTrusted() throws Exception {
    assertThat(handshake(CA.server(), null, CA).getPeerPrincipal().getName())
        .isEqualTo("CN=localhost");
    assertThat(handshake(CA.issue("x").dns("localhost").rsa().sign(), null, CA)).isNotNull();
  }

  @Test
  void chainNeedsItsIntermediateInOrder() throws Exception {
    Credentials server =
        CA.intermediate("Sub CA").intermediate("Sub sub CA").issue("s").dns("localhost").sign();
    assertThat(server.chain()).hasSize(3);
    assertThat(server.root()).isEqualTo(CA.certificate());
    assertThat(handshake(server, null, CA).getPeerCertificates()).hasSize(3);
    assertThat(server.inWrongOrder().certificate()).isEqualTo(server.certificate());
    assertThat(server.inWrongOrder().chain().getFirst()).isEqualTo(server.chain().getLast());
    assertThat(server.withRoot().chain()).hasSize(4);
    refused(server.withoutIssuers(), CA);
  }

  @Test
  void invalidServersAreRefused() throws Exception {
    refused(CA.issue("localhost").dns("localhost").expired().sign(), CA);
    refused(CA.issue("localhost").dns("localhost").notYetValid().sign(), CA);
    refused(CA.issue("localhost").dns("elsewhere.example").sign(), CA);
    refused(CA.issue("localhost").dns("localhost").clientOnly().sign(), CA);
    refused(Credentials.selfSigned("localhost").dns("localhost").sign(), CA);
    refused(CA.server(), Authority.create("Another CA"));
  }

  @Test
  void clientIsKnownByItsCertificate() throws Exception {
    assertThat(handshake(CA.server(), CA.client("alice"), CA).getLocalPrincipal().getName())
        .isEqualTo("CN=alice");
  }

  @Test
  void revocationListsContainRevokedCertificates() throws Exception {
    Authority ca = Authority.create("Revoking CA");
    Credentials good = ca.client("good");
    Credentials bad = ca.client("bad");
    ca.revoke(bad);
    validate(good, ca);
    assertThatThrownBy(() -> validate(bad, ca))
        .isInstanceOf(CertPathValidatorException.class)
        .hasMessageContaining("revoked");
    assertThat(ca.crlPem()).startsWith("-----BEGIN X509 CRL-----");
    assertThatThrownBy(() -> ca.revoke(CA.client("foreign")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void validate(Credentials client, Authority ca) throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca.certificate(), null)));
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(ca.crl()))));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(client.chain()), parameters);
  }

  @ParameterizedTest
  @EnumSource
  void keysAreReadBackFromEveryFormat(KeyFormat format, @TempDir Path folder) throws Exception {
    for (Credentials some : List.of(CA.server(), CA.issue("r").rsa().sign())) {
      PemFiles files = some.writePem(folder, format, "open sesame");
      String text = Files.readString(files.key());
      assertThat(text.contains("ENCRYPTED")).isEqualTo(format.isEncrypted());
      assertThat(belongTogether(read(text, "open sesame"), some.certificate())).isTrue();
      try (InputStream in = Files.newInputStream(files.chain())) {
        assertThat(List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in)))
            .isEqualTo(some.chain());
      }
      assertThat(files.authority()).hasContent(CA.pem());
    }
  }

  private static boolean belongTogether(PrivateKey key, X509Certificate certificate)
      throws Exception {
    Signature signature =
        Signature.getInstance(
            key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
    signature.initSign(key);
    signature.update((byte) 1);
    byte[] signed = signature.sign();
    signature.initVerify(certificate);
    signature.update((byte) 1);
    return signature.verify(signed);
  }

  private static PrivateKey read(String pem, String password) throws Exception {
    BouncyCastleProvider provider = new BouncyCastleProvider();
    PrivateKeyInfo info;
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      info =
          switch (parser.readObject()) {
            case PrivateKeyInfo plain -> plain;
            case PEMKeyPair pair -> pair.getPrivateKeyInfo();
            case PEMEncryptedKeyPair pair ->
                pair.decryptKeyPair(
                        new JcePEMDecryptorProviderBuilder()
                            .setProvider(provider)
                            .build(password.toCharArray()))
                    .getPrivateKeyInfo();
            case PKCS8EncryptedPrivateKeyInfo encrypted ->
                encrypted.decryptPrivateKeyInfo(
                    new JceOpenSSLPKCS8DecryptorProviderBuilder()
                        .setProvider(provider)
                        .build(password.toCharArray()));
            default -> throw new AssertionError("not a key");
          };
    }
    return new JcaPEMKeyConverter().getPrivateKey(info);
  }

  @ParameterizedTest
  @EnumSource
  void storesAreReadBack(StoreType type, @TempDir Path folder) throws Exception {
    Credentials server = CA.server();
    Path keys = server.writeKeyStore(folder, "keys", type, "secret1");
    Path trust = server.writeTrustStore(folder, "trust", type, "secret2");
    KeyStore read = KeyStore.getInstance(keys.toFile(), "secret1".toCharArray());
    String alias = read.aliases().nextElement();
    Key key = read.getKey(alias, "secret1".toCharArray());
    assertThat(key.getEncoded()).isEqualTo(server.key().getEncoded());
    assertThat(read.getCertificateChain(alias)).containsExactly(server.certificate());
    KeyStore trusted = KeyStore.getInstance(trust.toFile(), "secret2".toCharArray());
    assertThat(trusted.getCertificate(trusted.aliases().nextElement())).isEqualTo(CA.certificate());
  }

  private static void refused(Credentials server, Authority trusted) {
    assertThatThrownBy(() -> handshake(server, null, trusted)).isInstanceOf(SSLException.class);
  }

  private static SSLSession handshake(
      Credentials identity, @Nullable Credentials client, Authority trusted) throws Exception {
    SSLContext serverContext = Credentials.context(identity, CA);
    try (ServerSocket socket =
            serverContext
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket ours =
            (SSLSocket) Credentials.context(client, trusted).getSocketFactory().createSocket()) {
      ((SSLServerSocket) socket).setNeedClientAuth(client != null);
      CompletableFuture<Integer> served =
          CompletableFuture.supplyAsync(() -> {
            try (SSLSocket accepted = (SSLSocket) socket.accept()) {
              accepted.startHandshake();
              return accepted.getInputStream().read();
            } catch (IOException e) {
              return -2;
            }
          });
      ours.setSoTimeout(10_000);
      SSLParameters parameters = ours.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      ours.setSSLParameters(parameters);
      ours.connect(new InetSocketAddress("localhost", socket.getLocalPort()), 10_000);
      ours.startHandshake();
      ours.getOutputStream().write(7);
      assertThat(served.get(10, TimeUnit.SECONDS)).isEqualTo(7);
      return ours.getSession();
    }
  }
}
