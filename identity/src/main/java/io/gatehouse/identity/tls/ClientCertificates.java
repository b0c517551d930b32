package io.gatehouse.identity.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Which client certificates are let in: those that a trusted authority issued, that were not
 * revoked, whose subject fits, and which are the very one asked for if one is.
 */
final class ClientCertificates extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager trust;
  private final RevocationLists revoked;
  private final SubjectRules subjects;
  private final @Nullable X509Certificate only;

  /**
   * @param only the only certificate let in, or null for any that fits
   */
  ClientCertificates(
      X509ExtendedTrustManager trust,
      RevocationLists revoked,
      SubjectRules subjects,
      @Nullable X509Certificate only) {
    this.trust = trust;
    this.revoked = revoked;
    this.subjects = subjects;
    this.only = only;
  }

  private void checkFurther(X509Certificate[] presented) throws CertificateException {
    List<X509Certificate> path = path(presented);
    revoked.check(path);
    if (!subjects.admit(path)) {
      throw new CertificateException(
          "no subject rule admits " + presented[0].getSubjectX500Principal());
    }
    if (only != null && !only.equals(presented[0])) {
      throw new CertificateException(
          "only the gateway's own client certificate is let in, not that of "
              + presented[0].getSubjectX500Principal());
    }
  }

  /**
   * From the client's certificate to the authority, each signed by the next: a peer may send
   * certificates that have nothing to do with its own.
   */
  private List<X509Certificate> path(X509Certificate[] presented) {
    List<X509Certificate> known = new ArrayList<>(Arrays.asList(trust.getAcceptedIssuers()));
    known.addAll(Arrays.asList(presented).subList(1, presented.length));
    List<X509Certificate> path = new ArrayList<>(List.of(presented[0]));
    X509Certificate next = Certificates.issuer(presented[0], known);
    while (next != null && !path.contains(next)) {
      path.add(next);
      next = Certificates.issuer(next, known);
    }
    return path;
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, engine);
    checkFurther(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type, socket);
    checkFurther(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
    checkFurther(chain);
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
