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
 * A certificate to be: collects what shall stand in it until {@link #sign}. Without more it holds a
 * P-256 key, no names but the subject's, is good for a day and for servers and clients alike.
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

  /** Sets the whole subject, as in {@code CN=alice,OU=dev,O=Example}; most specific part first. */
  public CertificateOrder subject(String distinguishedName) {
    this.subject = distinguishedName;
    return this;
  }

  /** Adds DNS names; {@code *.example.com} is a legal one. */
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

  /** An RSA key instead of one on P-256. */
  public CertificateOrder rsa() {
    keys = Keys.RSA;
    return this;
  }

  /** Good for so long from now. */
  public CertificateOrder validFor(Duration time) {
    notAfter = Instant.now().plus(time);
    return this;
  }

  /** Good in this time. */
  public CertificateOrder valid(Instant from, Instant until) {
    notBefore = from;
    notAfter = until;
    return this;
  }

  /** Was good until yesterday. */
  public CertificateOrder expired() {
    Instant now = Instant.now();
    return valid(now.minus(DAY.multipliedBy(2)), now.minus(DAY));
  }

  /** Will be good from tomorrow. */
  public CertificateOrder notYetValid() {
    Instant now = Instant.now();
    return valid(now.plus(DAY), now.plus(DAY.multipliedBy(2)));
  }

  /** For servers only: a client that shows it is to be refused. */
  public CertificateOrder serverOnly() {
    purposes.remove(KeyPurposeId.id_kp_clientAuth);
    return this;
  }

  /** For clients only: a server that shows it is to be refused. */
  public CertificateOrder clientOnly() {
    purposes.remove(KeyPurposeId.id_kp_serverAuth);
    return this;
  }

  /** Makes the key and the certificate. */
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
