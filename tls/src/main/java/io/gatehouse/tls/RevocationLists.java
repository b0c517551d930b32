package io.gatehouse.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Certificate revocation lists (RFC 5280 §5) from a PEM file. A handshake costs two map lookups for
 * each certificate of the path. The lists' signatures are verified when the file is loaded; those
 * by intermediate issuers that only clients present are verified once, when first needed.
 */
final class RevocationLists {

  /** How many keys of one issuer name a list remembers as verified or not. */
  private static final int MAX_KEYS = 64;

  private static final class Known {
    private final X509CRL list;
    private final Map<BigInteger, Instant> revoked = new HashMap<>();
    private final Map<PublicKey, Boolean> verified = new ConcurrentHashMap<>();

    Known(X509CRL list) {
      this.list = list;
      Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
      for (X509CRLEntry entry : entries == null ? Set.<X509CRLEntry>of() : entries) {
        X500Principal other = entry.getCertificateIssuer();
        // An indirect CRL also lists certificates of other issuers.
        if (other == null || other.equals(list.getIssuerX500Principal())) {
          revoked.put(entry.getSerialNumber(), entry.getRevocationDate().toInstant());
        }
      }
    }

    boolean isSignedWith(PublicKey key) {
      Boolean known = verified.get(key);
      if (known != null) {
        return known;
      }
      boolean signed = verify(key);
      if (verified.size() < MAX_KEYS) {
        verified.put(key, signed);
      }
      return signed;
    }

    private boolean verify(PublicKey key) {
      try {
        list.verify(key);
        return true;
      } catch (GeneralSecurityException e) {
        return false;
      }
    }

    @Nullable Instant revocationOf(X509Certificate certificate) {
      return revoked.get(certificate.getSerialNumber());
    }
  }

  private final Map<X500Principal, List<Known>> byIssuer = new HashMap<>();

  RevocationLists(Collection<X509CRL> lists, Collection<X509Certificate> issuers) {
    for (X509CRL list : lists) {
      byIssuer
          .computeIfAbsent(list.getIssuerX500Principal(), _ -> new ArrayList<>())
          .add(new Known(list));
    }
    for (X509Certificate issuer : issuers) {
      of(issuer).forEach(list -> list.isSignedWith(issuer.getPublicKey()));
    }
  }

  static RevocationLists none() {
    return new RevocationLists(List.of(), List.of());
  }

  /**
   * @param issuers whose lists are verified now
   */
  static RevocationLists load(Path file, Collection<X509Certificate> issuers)
      throws TlsConfigException {
    List<X509CRL> lists = new ArrayList<>();
    for (PemBlocks.Block block : PemBlocks.of(Certificates.readText(file), file.toString())) {
      if (block.type().equals("X509 CRL")) {
        try {
          lists.add(
              (X509CRL)
                  Certificates.factory().generateCRL(new ByteArrayInputStream(block.content())));
        } catch (CRLException e) {
          throw new TlsConfigException(
              file + " holds a revocation list that cannot be read: " + e.getMessage(), e);
        }
      }
    }
    if (lists.isEmpty()) {
      throw new TlsConfigException(file + " holds no revocation list in PEM form");
    }
    return new RevocationLists(lists, issuers);
  }

  boolean isEmpty() {
    return byIssuer.isEmpty();
  }

  private List<Known> of(X509Certificate issuer) {
    return byIssuer.getOrDefault(issuer.getSubjectX500Principal(), List.of());
  }

  /**
   * Checks each certificate of a path except the trust anchor.
   *
   * @throws CertificateException when one is revoked. A list counts if its issuer signed it, even
   *     after its next update is due, because a revocation is final
   */
  void check(List<X509Certificate> path) throws CertificateException {
    for (int i = 0; i + 1 < path.size(); i++) {
      X509Certificate certificate = path.get(i);
      X509Certificate issuer = path.get(i + 1);
      for (Known list : of(issuer)) {
        Instant revoked = list.revocationOf(certificate);
        if (revoked != null && list.isSignedWith(issuer.getPublicKey())) {
          throw new CertificateException(
              "the certificate of "
                  + certificate.getSubjectX500Principal()
                  + " was revoked on "
                  + revoked,
              new CertificateRevokedException(
                  Date.from(revoked),
                  java.security.cert.CRLReason.UNSPECIFIED,
                  list.list.getIssuerX500Principal(),
                  Map.of()));
        }
      }
    }
  }
}
