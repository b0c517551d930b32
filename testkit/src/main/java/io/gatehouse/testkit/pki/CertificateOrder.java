package io.gatehouse.testkit.pki;

import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/**
 * Builds a certificate until {@link #sign} is called. By default it has a P-256 key and no
 * alternative names, and is valid for a day, for servers and clients.
 */
public final class CertificateOrder {

  private static final Duration DAY = Duration.ofDays(1);

  private final @Nullable Authority authority;
  private String subject;
  private Keys keys = Keys.P256;
  private final List<GeneralName> names = new ArrayList<>();
  private final Set<KeyPurposeId> purposes =
      new TreeSet<>((a, b) -> a.getId().compareTo(b.getId()));
  private Instant notBefore = Instant.now().minus(Duration.ofHours(1));
  private Instant notAfter = Instant.now().plus(DAY);

  CertificateOrder(@Nullable Authority authority, String subject) {
    this.authority = authority;
    this.subject = subject;
    purposes.addAll(List.of(KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth));
  }

  /**
   * Sets the whole subject, such as {@code CN=alice,OU=dev,O=Example}, with the most specific part
   * first.
   */
  public CertificateOrder subject(String distinguishedName) {
    this.subject = distinguishedName;
    return this;
  }

  /** Adds DNS names, which may be wildcards such as {@code *.example.com}. */
  public CertificateOrder dns(String... more) {
    for (String name : more) {
      names.add(new GeneralName(GeneralName.dNSName, name));
    }
    return this;
  }

  /** Adds IP addresses. */
  public CertificateOrder ip(String... more) {
    for (String address : more) {
      names.add(new GeneralName(GeneralName.iPAddress, address));
    }
    return this;
  }

  /** Adds URIs, such as a SPIFFE id. */
  public CertificateOrder uri(String... more) {
    for (String uri : more) {
      names.add(new GeneralName(GeneralName.uniformResourceIdentifier, uri));
    }
    return this;
  }

  /** Uses an RSA key instead of a P-256 key. */
  public CertificateOrder rsa() {
    keys = Keys.RSA;
    return this;
  }

  /** Sets the lifetime. */
  public CertificateOrder validFor(Duration time) {
    notAfter = Instant.now().plus(time);
    return this;
  }

  /** Sets the validity period. */
  public CertificateOrder valid(Instant from, Instant until) {
    notBefore = from;
    notAfter = until;
    return this;
  }

  /** Makes the certificate expired since yesterday. */
  public CertificateOrder expired() {
    Instant now = Instant.now();
    return valid(now.minus(DAY.multipliedBy(2)), now.minus(DAY));
  }

  /** Makes the certificate valid from tomorrow. */
  public CertificateOrder notYetValid() {
    Instant now = Instant.now();
    return valid(now.plus(DAY), now.plus(DAY.multipliedBy(2)));
  }

  /** For servers only; a client with it must be refused. */
  public CertificateOrder serverOnly() {
    purposes.remove(KeyPurposeId.id_kp_clientAuth);
    return this;
  }

  /** For clients only; a server with it must be refused. */
  public CertificateOrder clientOnly() {
    purposes.remove(KeyPurposeId.id_kp_serverAuth);
    return this;
  }

  /** Creates the key and the certificate. */
  public Credentials sign() {
    KeyPair pair = keys.generate();
    Issuing.Content content =
        new Issuing.Content(
            new X500Principal(subject), notBefore, notAfter, List.copyOf(names), purposes);
    Authority issuer = authority;
    if (issuer == null) {
      return new Credentials(
          pair.getPrivate(), List.of(Issuing.selfSigned(content, pair, keys.signature())));
    }
    return issuer.sign(content, pair);
  }
}
