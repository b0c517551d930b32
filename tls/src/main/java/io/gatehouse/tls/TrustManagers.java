package io.gatehouse.tls;

import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Creates trust managers from the configured trust. */
final class TrustManagers {

  private TrustManagers() {}

  static X509ExtendedTrustManager load(TrustSource source) throws TlsConfigException {
    return switch (source) {
      case TrustSource.SystemDefault _ -> managerOf(null);
      case TrustSource.Anything _ ->
          extended(InsecureTrustManagerFactory.INSTANCE.getTrustManagers());
      case TrustSource.Store store -> managerOf(certificatesOf(store));
      case TrustSource.Text text ->
          managerOf(storeOf(Certificates.ofPem(text.certificates(), "the trusted certificates")));
      case TrustSource.Pem pem -> {
        List<X509Certificate> trusted = Certificates.ofFile(pem.certificates());
        if (pem.systemToo()) {
          List<X509Certificate> system = Arrays.asList(managerOf(null).getAcceptedIssuers());
          trusted = new java.util.ArrayList<>(trusted);
          trusted.addAll(system);
        }
        yield managerOf(storeOf(trusted));
      }
    };
  }

  private static KeyStore storeOf(List<X509Certificate> certificates) {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < certificates.size(); i++) {
        store.setCertificateEntry("trusted-" + i, certificates.get(i));
      }
      return store;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("this Java runtime has no key stores in memory", e);
    }
  }

  /** Takes only the certificate entries of a store: users also put their own key entries there. */
  private static KeyStore certificatesOf(TrustSource.Store source) throws TlsConfigException {
    KeyStore store = Certificates.store(source.path(), source.password());
    List<X509Certificate> trusted = new java.util.ArrayList<>();
    try {
      for (String alias : Collections.list(store.aliases())) {
        if (store.isCertificateEntry(alias)
            && store.getCertificate(alias) instanceof X509Certificate certificate) {
          trusted.add(certificate);
        }
      }
    } catch (GeneralSecurityException e) {
      throw new TlsConfigException("cannot read the store " + source.path(), e);
    }
    if (trusted.isEmpty()) {
      throw new TlsConfigException(
          source.path()
              + " holds no trusted certificate"
              + (source.password() == null
                  ? ": no password is given for it, and a PKCS#12 store shows none without"
                  : ""));
    }
    return storeOf(trusted);
  }

  private static X509ExtendedTrustManager managerOf(@Nullable KeyStore trusted)
      throws TlsConfigException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return extended(factory.getTrustManagers());
    } catch (GeneralSecurityException e) {
      throw new TlsConfigException("cannot use the trusted certificates: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager extended(TrustManager[] managers) {
    for (TrustManager manager : managers) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new IllegalStateException("this Java runtime has no X.509 trust manager");
  }
}
