package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where to read a private key and its certificates from. */
public sealed interface KeySource {

  /** The files to watch for changes. */
  List<Path> files();

  /**
   * PEM files, which may be one and the same. The order of the certificates does not matter.
   *
   * @param password of an encrypted key; ignored for one that is not encrypted
   */
  record Pem(Path certificates, Path key, @Nullable Secret password) implements KeySource {
    @Override
    public List<Path> files() {
      return certificates.equals(key) ? List.of(key) : List.of(certificates, key);
    }
  }

  /**
   * A PKCS#12 or JKS store; the format is detected.
   *
   * @param keyPassword null for the store's password
   * @param alias null if the store has only one key
   */
  record Store(
      Path path, @Nullable Secret password, @Nullable Secret keyPassword, @Nullable String alias)
      implements KeySource {
    @Override
    public List<Path> files() {
      return List.of(path);
    }
  }

  /** PEM texts in the configuration itself, as Kafka's {@code ssl.keystore.key} (KIP-651). */
  record Text(String certificates, Secret key, @Nullable Secret password) implements KeySource {
    @Override
    public List<Path> files() {
      return List.of();
    }
  }
}
