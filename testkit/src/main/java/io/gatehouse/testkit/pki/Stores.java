package io.gatehouse.testkit.pki;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;

/** Creates key and trust stores in memory and on disk. */
final class Stores {

  private static final String ALIAS = "key";

  private Stores() {}

  static KeyStore keys(StoreType type, Credentials credentials, String keyPassword) {
    try {
      KeyStore store = empty(type);
      store.setKeyEntry(
          ALIAS,
          credentials.key(),
          keyPassword.toCharArray(),
          credentials.chain().toArray(new Certificate[0]));
      return store;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a key store", e);
    }
  }

  static KeyStore trust(StoreType type, List<X509Certificate> certificates) {
    try {
      KeyStore store = empty(type);
      for (X509Certificate certificate : certificates) {
        store.setCertificateEntry("ca-" + store.size(), certificate);
      }
      return store;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a trust store", e);
    }
  }

  private static KeyStore empty(StoreType type) throws GeneralSecurityException {
    KeyStore store = KeyStore.getInstance(type.name());
    try {
      store.load(null, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return store;
  }

  static void write(KeyStore store, Path file, String password) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (OutputStream out = Files.newOutputStream(file)) {
        store.store(out, password.toCharArray());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot write " + file, e);
    }
  }
}
