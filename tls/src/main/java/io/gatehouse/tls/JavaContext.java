package io.gatehouse.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Makes TLS contexts for Java's own clients, which need no event loop. */
public final class JavaContext {

  private JavaContext() {}

  /**
   * Trust and certificate of a client. The files are read once.
   *
   * @throws TlsConfigException when they cannot be used, with a message for the user
   */
  public static SSLContext of(ClientTls settings) throws TlsConfigException {
    TrustManager[] trust = {TrustManagers.load(settings.trust())};
    KeyManager[] keys = null;
    try {
      if (settings.key() != null) {
        KeyMaterial material = KeyMaterial.load(settings.key());
        char[] password = new char[0];
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "client", material.key(), password, material.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory factory =
            KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        keys = factory.getKeyManagers();
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust, null);
      return context;
    } catch (GeneralSecurityException | java.io.IOException e) {
      throw new TlsConfigException("the certificate cannot be used: " + e.getMessage(), e);
    }
  }
}
