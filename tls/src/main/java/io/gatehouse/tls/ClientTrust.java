package io.gatehouse.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Accepts client certificates that a trusted authority issued, that are not revoked, whose subject
 * matches a rule, and that equal the pinned certificate if there is one.
 */
final class ClientTrust extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager trust;
  private final RevocationLists revoked;
  private final SubjectRules subjects;
  private final @Nullable X509Certificate only;
  private final Set<X509Certificate> trusted;
  private final Set<TrustAnchor> anchors = new HashSet<>();

  /**
   * @param only the pinned certificate, or null
   */
  ClientTrust(
      X509ExtendedTrustManager trust,
      RevocationLists revoked,
      SubjectRules subjects,
      @Nullable X509Certificate only) {
    this.trust = trust;
    this.revoked = revoked;
    this.subjects = subjects;
    this.only = only;
    this.trusted = Set.copyOf(Arrays.asList(trust.getAcceptedIssuers()));
    for (X509Certificate one : trusted) {
      anchors.add(new TrustAnchor(one, null));
    }
  }

  /** The JDK's check, which has a variant for engines, one for sockets and one without either. */
  @FunctionalInterface
  private interface Check {
    void run() throws CertificateException;
  }

  private void check(X509Certificate[] presented, Check byAuthority) throws CertificateException {
    try {
      checkIsTheOne(presented);
      byAuthority.run();
      checkFurther(presented);
    } catch (CertificateException e) {
      throw CertificateAlerts.withAlert(e, presented[0]);
    }
  }

  private void checkFurther(X509Certificate[] presented) throws CertificateException {
    if (revoked.isEmpty() && subjects.isEmpty()) {
      return;
    }
    List<X509Certificate> path = path(presented);
    revoked.check(path);
    if (!subjects.admit(path)) {
      throw new CertificateException(
          "no subject rule admits " + presented[0].getSubjectX500Principal());
    }
  }

  /** The cheapest check comes first. Without a trusted authority it is the only one. */
  private void checkIsTheOne(X509Certificate[] presented) throws CertificateException {
    if (only != null && !only.equals(presented[0])) {
      throw new CertificateException(
          "only the gateway's own client certificate is let in, not that of "
              + presented[0].getSubjectX500Principal());
    }
  }

  /**
   * The path from the client's certificate to a trusted authority, as PKIX builds it (RFC 5280 §6).
   * The certificates as sent may be unrelated to the client's own or only resemble its issuers.
   */
  private List<X509Certificate> path(X509Certificate[] presented) throws CertificateException {
    if (trusted.isEmpty() || trusted.contains(presented[0])) {
      return List.of(presented[0]);
    }
    try {
      X509CertSelector own = new X509CertSelector();
      own.setCertificate(presented[0]);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, own);
      parameters.setRevocationEnabled(false); // revocation lists are checked afterwards
      parameters.addCertStore(
          CertStore.getInstance(
              "Collection", new CollectionCertStoreParameters(Arrays.asList(presented))));
      PKIXCertPathBuilderResult built =
          (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
      List<X509Certificate> path = new ArrayList<>();
      for (Certificate one : built.getCertPath().getCertificates()) {
        path.add((X509Certificate) one);
      }
      path.add(built.getTrustAnchor().getTrustedCert());
      return path;
    } catch (GeneralSecurityException e) {
      throw new CertificateException("no path to a trusted authority: " + e.getMessage(), e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> trust.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, () -> trust.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, () -> trust.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    throw notAClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    throw notAClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw notAClient();
  }

  private static CertificateException notAClient() {
    return new CertificateException("only client certificates are checked here");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
