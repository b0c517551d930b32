package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a private key and its certificates come from. */
public sealed interface KeySource {

  /** The files to watch. */
  List<Path> files();

  /**
   * PEM files; both may be the same one. The chain may stand in any order.
   *
   * @param password for an encrypted key; one that is not encrypted needs none and minds none
   */
  record Pem(Path certificates, Path key, @Nullable Secret password) implements KeySource {
    @Override
    public List<Path> files() {
      return certificates.equals(key) ? List.of(key) : List.of(certificates, key);
    }
  }

  /**
   * A PKCS#12 or JKS store; its form is found out.
   *
   * @param keyPassword null: the store's password
   * @param alias null: the only key there is
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
