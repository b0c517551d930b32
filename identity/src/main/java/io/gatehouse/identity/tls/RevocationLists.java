package io.gatehouse.identity.tls;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates that their issuers took back (RFC 5280 §5), from a PEM file. */
final class RevocationLists {

  private final List<X509CRL> lists;

  private RevocationLists(List<X509CRL> lists) {
    this.lists = lists;
  }

  static RevocationLists none() {
    return new RevocationLists(List.of());
  }

  static RevocationLists load(Path file) throws TlsConfigException {
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
    return new RevocationLists(lists);
  }

  /**
   * Looks at each certificate of a path but the anchor.
   *
   * @throws CertificateException when one was revoked. A list counts if its issuer signed it, also
   *     when it is out of date: what was revoked stays so
   */
  void check(List<X509Certificate> path) throws CertificateException {
    for (int i = 0; i + 1 < path.size(); i++) {
      X509Certificate certificate = path.get(i);
      for (X509CRL list : lists) {
        var entry = isOf(list, path.get(i + 1)) ? list.getRevokedCertificate(certificate) : null;
        if (entry != null) {
          throw new CertificateException(
              "the certificate of "
                  + certificate.getSubjectX500Principal()
                  + " was revoked on "
                  + entry.getRevocationDate().toInstant(),
              new CertificateRevokedException(
                  entry.getRevocationDate(),
                  java.security.cert.CRLReason.UNSPECIFIED,
                  list.getIssuerX500Principal(),
                  java.util.Map.of()));
        }
      }
    }
  }

  private static boolean isOf(X509CRL list, X509Certificate issuer) {
    if (!list.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      list.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
