package io.gatehouse.testkit.pki;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A private key and its certificate chain.
 *
 * @param key the private key
 * @param chain the certificate, then its issuers without the root; or another order if a test needs
 *     it
 * @param root the certificate that a peer must trust; for a self-signed certificate, the
 *     certificate itself
 */
public record Credentials(PrivateKey key, List<X509Certificate> chain, X509Certificate root) {

  private static final String PASSWORD = "changeit";

  /** Copies the list. */
  public Credentials {
    chain = List.copyOf(chain);
  }

  Credentials(PrivateKey key, List<X509Certificate> chain) {
    this(key, chain, chain.getLast());
  }

  /** Starts building a self-signed certificate. */
  public static CertificateOrder selfSigned(String commonName) {
    return new CertificateOrder(null, "CN=" + commonName);
  }

  /** The end-entity certificate. */
  public X509Certificate certificate() {
    return chain.stream()
        .filter(certificate -> certificate.getBasicConstraints() < 0)
        .findFirst()
        .orElseThrow();
  }

  /** The subject, such as {@code CN=alice,O=Example} (RFC 2253), as in Kafka's principals. */
  public String subject() {
    return certificate().getSubjectX500Principal().getName();
  }

  /** With the chain in reverse order, which differs only with an intermediate authority. */
  public Credentials inWrongOrder() {
    List<X509Certificate> reversed = new ArrayList<>(chain);
    Collections.reverse(reversed);
    return new Credentials(key, reversed, root);
  }

  /** Without the intermediate authorities. */
  public Credentials withoutIssuers() {
    return new Credentials(key, List.of(certificate()), root);
  }

  /** With the root at the end of the chain, as some tools write it. */
  public Credentials withRoot() {
    List<X509Certificate> longer = new ArrayList<>(chain);
    longer.add(root);
    return new Credentials(key, longer, root);
  }

  /** With the key of other credentials, so that key and certificate do not match. */
  public Credentials withKeyOf(Credentials other) {
    return new Credentials(other.key, chain, root);
  }

  /** The chain as PEM. */
  public String chainPem() {
    return Pem.of(chain);
  }

  /** The root as PEM. */
  public String rootPem() {
    return Pem.of(List.of(root));
  }

  /** The key as unencrypted PKCS#8 in PEM. */
  public String keyPem() {
    return keyPem(KeyFormat.PKCS8, "");
  }

  /** The key as PEM; the password is used only for encrypted formats. */
  public String keyPem(KeyFormat format, String password) {
    return Pem.of(key, format, password);
  }

  /** Writes {@code tls.crt}, {@code tls.key} and {@code ca.crt}, replacing existing files. */
  public PemFiles writePem(Path folder) {
    return writePem(folder, KeyFormat.PKCS8, "");
  }

  /** Writes {@code tls.crt}, {@code tls.key} and {@code ca.crt}, replacing existing files. */
  public PemFiles writePem(Path folder, KeyFormat format, String password) {
    return new PemFiles(
        Authority.write(folder.resolve("tls.crt"), chainPem()),
        Authority.write(folder.resolve("tls.key"), keyPem(format, password)),
        Authority.write(folder.resolve("ca.crt"), rootPem()));
  }

  /**
   * Writes a key store with the same password for store and key: {@code FOLDER/NAME.p12} or jks.
   */
  public Path writeKeyStore(Path folder, String name, StoreType type, String password) {
    Path file = folder.resolve(name + type.ending());
    Stores.write(Stores.keys(type, this, password), file, password);
    return file;
  }

  /** Writes a JKS key store with different passwords for store and key. */
  public Path writeJks(Path file, String storePassword, String keyPassword) {
    Stores.write(Stores.keys(StoreType.JKS, this, keyPassword), file, storePassword);
    return file;
  }

  /** Writes a trust store with the root: {@code FOLDER/NAME.p12} or jks. */
  public Path writeTrustStore(Path folder, String name, StoreType type, String password) {
    Path file = folder.resolve(name + type.ending());
    Stores.write(Stores.trust(type, List.of(root)), file, password);
    return file;
  }

  /**
   * A JDK TLS context for servers and clients of tests.
   *
   * @param identity the own credentials; null for none
   * @param trusted the trusted authorities
   */
  public static SSLContext context(@Nullable Credentials identity, Authority... trusted) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(
          Stores.trust(
              StoreType.PKCS12, Arrays.stream(trusted).map(Authority::certificate).toList()));
      context.init(keyManagers(identity), trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a TLS context", e);
    }
  }

  /** A JDK TLS context for clients of tests that trust every server. */
  public static SSLContext credulousContext(@Nullable Credentials identity) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers(identity), new TrustManager[] {new Credulous()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a TLS context", e);
    }
  }

  private static KeyManager @Nullable [] keyManagers(@Nullable Credentials identity)
      throws GeneralSecurityException {
    if (identity == null) {
      return null;
    }
    KeyStore store = Stores.keys(StoreType.PKCS12, identity, PASSWORD);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    return keys.getKeyManagers();
  }
}
