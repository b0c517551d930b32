package io.gatehouse.testkit.pki;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority for tests:
 *
 * <pre>
 *   Authority ca = Authority.create("Test CA");
 *   Credentials broker = ca.issue("broker").dns("localhost").ip("127.0.0.1").sign();
 *   PemFiles files = broker.writePem(folder);
 * </pre>
 */
public final class Authority {

  private static final Duration VALID = Duration.ofDays(30);

  private final KeyPair pair;
  private final Keys keys;
  private final X509Certificate certificate;
  private final @Nullable Authority parent;
  private final List<X509Certificate> revoked = new ArrayList<>();

  private Authority(
      KeyPair pair, Keys keys, X509Certificate certificate, @Nullable Authority parent) {
    this.pair = pair;
    this.keys = keys;
    this.certificate = certificate;
    this.parent = parent;
  }

  /** Creates a root with a P-256 key. */
  public static Authority create(String commonName) {
    return create(commonName, Keys.P256);
  }

  /** Creates a root with a key of this kind. */
  public static Authority create(String commonName, Keys keys) {
    KeyPair pair = keys.generate();
    return new Authority(
        pair, keys, Issuing.selfSigned(content(commonName), pair, keys.signature()), null);
  }

  private static Issuing.Content content(String commonName) {
    Instant now = Instant.now();
    return new Issuing.Content(
        new X500Principal("CN=" + commonName),
        now.minus(Duration.ofDays(3)), // earlier than expired() certificates
        now.plus(VALID),
        List.of(),
        Set.of());
  }

  /** Creates an intermediate authority. Its certificate is part of the chains that it issues. */
  public Authority intermediate(String commonName) {
    KeyPair own = Keys.P256.generate();
    X509Certificate signed = Issuing.certificate(content(commonName), own.getPublic(), issuer());
    return new Authority(own, Keys.P256, signed, this);
  }

  /** Starts building a certificate for {@code CN=commonName}. */
  public CertificateOrder issue(String commonName) {
    return new CertificateOrder(this, "CN=" + commonName);
  }

  /** Issues a server certificate for {@code localhost} and {@code 127.0.0.1}. */
  public Credentials server() {
    return issue("localhost").dns("localhost").ip("127.0.0.1").sign();
  }

  /** Issues a client certificate with this common name. */
  public Credentials client(String commonName) {
    return issue(commonName).clientOnly().sign();
  }

  Credentials sign(Issuing.Content content, KeyPair subject) {
    List<X509Certificate> chain = new ArrayList<>();
    chain.add(Issuing.certificate(content, subject.getPublic(), issuer()));
    for (Authority above = this; above.parent != null; above = above.parent) {
      chain.add(above.certificate);
    }
    return new Credentials(subject.getPrivate(), chain, root());
  }

  private Issuing.Issuer issuer() {
    return new Issuing.Issuer(
        certificate.getSubjectX500Principal(),
        pair.getPublic(),
        pair.getPrivate(),
        keys.signature());
  }

  /** The certificate of this authority. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** The root certificate. */
  public X509Certificate root() {
    return parent == null ? certificate : parent.root();
  }

  /** The certificate of this authority as PEM. */
  public String pem() {
    return Pem.of(List.of(certificate));
  }

  /** Revokes a certificate, which {@link #crl} then contains. */
  public void revoke(Credentials credentials) {
    revoke(credentials.certificate());
  }

  /** Revokes an intermediate authority. */
  public void revoke(Authority intermediate) {
    revoke(intermediate.certificate);
  }

  private synchronized void revoke(X509Certificate signed) {
    if (!signed.getIssuerX500Principal().equals(certificate.getSubjectX500Principal())) {
      throw new IllegalArgumentException(
          certificate.getSubjectX500Principal()
              + " has not issued "
              + signed.getSubjectX500Principal());
    }
    revoked.add(signed);
  }

  /** The revocation list, valid for a day. */
  public X509CRL crl() {
    Instant now = Instant.now();
    return crl(now.minus(Duration.ofHours(1)), now.plus(Duration.ofDays(1)));
  }

  /** The revocation list with this validity, for example an outdated one. */
  public synchronized X509CRL crl(Instant thisUpdate, Instant nextUpdate) {
    try {
      X509v2CRLBuilder builder =
          new JcaX509v2CRLBuilder(certificate.getSubjectX500Principal(), Date.from(thisUpdate));
      builder.setNextUpdate(Date.from(nextUpdate));
      for (X509Certificate entry : new HashSet<>(revoked)) {
        builder.addCRLEntry(
            entry.getSerialNumber(), Date.from(thisUpdate), CRLReason.keyCompromise);
      }
      return new JcaX509CRLConverter()
          .getCRL(
              builder.build(
                  new JcaContentSignerBuilder(keys.signature()).build(pair.getPrivate())));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a revocation list", e);
    }
  }

  /** {@link #crl()} as PEM ({@code BEGIN X509 CRL}). */
  public String crlPem() {
    return Pem.of(List.of(crl()));
  }

  /** Writes {@link #crl()} as PEM, replacing the file. */
  public Path writeCrl(Path file) {
    return write(file, crlPem());
  }

  /** Writes the certificate of this authority as PEM, replacing the file. */
  public Path writePem(Path file) {
    return write(file, pem());
  }

  /** Writes a trust store with the certificate of this authority, replacing the file. */
  public Path writeTrustStore(Path file, StoreType type, String password) {
    Stores.write(Stores.trust(type, List.of(certificate)), file, password);
    return file;
  }

  static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
