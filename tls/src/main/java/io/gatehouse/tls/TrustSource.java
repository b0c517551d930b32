package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. */
public sealed interface TrustSource {

  /** The files to watch. */
  default List<Path> files() {
    return List.of();
  }

  /** The authorities that the Java runtime trusts. */
  record SystemDefault() implements TrustSource {}

  /**
   * A PEM file of certificates.
   *
   * @param systemToo whether those of the Java runtime are trusted too
   */
  record Pem(Path certificates, boolean systemToo) implements TrustSource {
    @Override
    public List<Path> files() {
      return List.of(certificates);
    }
  }

  /** The certificates of a PKCS#12 or JKS store; its form is found out. */
  record Store(Path path, @Nullable Secret password) implements TrustSource {
    @Override
    public List<Path> files() {
      return List.of(path);
    }
  }

  /** A PEM text in the configuration itself, as Kafka's {@code ssl.truststore.certificates}. */
  record Text(String certificates) implements TrustSource {}

  /** Every certificate, which protects against nobody who stands in between. */
  record Anything() implements TrustSource {}
}
