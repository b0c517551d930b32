package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which certificates of peers are trusted. */
public sealed interface TrustSource {

  /** The files to watch for changes. */
  default List<Path> files() {
    return List.of();
  }

  /** The authorities that the Java runtime trusts. */
  record SystemDefault() implements TrustSource {}

  /**
   * A PEM file of certificates.
   *
   * @param systemToo whether the authorities of the Java runtime are trusted as well
   */
  record Pem(Path certificates, boolean systemToo) implements TrustSource {
    @Override
    public List<Path> files() {
      return List.of(certificates);
    }
  }

  /** The certificates of a PKCS#12 or JKS store; the format is detected. */
  record Store(Path path, @Nullable Secret password) implements TrustSource {
    @Override
    public List<Path> files() {
      return List.of(path);
    }
  }

  /**
   * A PEM text in the configuration itself, as Kafka's {@code ssl.truststore.certificates}
   * (KIP-651).
   */
  record Text(String certificates) implements TrustSource {}

  /** Every certificate, without protection against a man in the middle. */
  record Anything() implements TrustSource {}
}
