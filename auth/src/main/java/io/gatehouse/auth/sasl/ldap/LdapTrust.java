package io.gatehouse.auth.sasl.ldap;

import com.unboundid.util.ssl.TrustAllTrustManager;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * Which certificates of a directory are trusted.
 *
 * @param names whether the certificate must match the host name
 */
record LdapTrust(SSLContext context, boolean names) {

  /**
   * @throws IllegalArgumentException when the authorities' file cannot be used
   */
  static LdapTrust of(LdapSettings.Tls tls) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      if (tls.insecure()) {
        context.init(null, new TrustManager[] {new TrustAllTrustManager()}, null);
        return new LdapTrust(context, false);
      }
      Path authorities = tls.authorities();
      context.init(null, authorities == null ? null : managers(authorities), null);
      return new LdapTrust(context, true);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "--ldap-ca-cert-file " + tls.authorities() + " cannot be used: " + e.getMessage(), e);
    }
  }

  /** Adds TLS to a connected socket, completes the handshake and verifies the certificate. */
  SSLSocket over(Socket raw, LdapSettings.Server server) throws IOException {
    SSLSocket tls =
        (SSLSocket)
            context.getSocketFactory().createSocket(raw, server.host(), server.port(), true);
    if (names) {
      SSLParameters parameters = tls.getSSLParameters();
      // The JDK's check of host names by RFC 2830.
      parameters.setEndpointIdentificationAlgorithm("LDAPS");
      tls.setSSLParameters(parameters);
    }
    tls.startHandshake();
    return tls;
  }

  private static TrustManager[] managers(Path file) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> all =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      int number = 0;
      for (Certificate certificate : all) {
        store.setCertificateEntry("authority-" + number++, certificate);
      }
    }
    if (store.size() == 0) {
      throw new IOException("there is no certificate in it");
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }
}
