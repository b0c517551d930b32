package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of TLS towards brokers.
 *
 * @param key the gateway's own certificate, or null to send none
 * @param verifyHost whether the broker's certificate must match the host name
 */
public record ClientTls(
    @Nullable KeySource key, TrustSource trust, boolean verifyHost, Ciphers ciphers)
    implements TlsSettings {

  public static ClientTls of(TrustSource trust) {
    return new ClientTls(null, trust, true, Ciphers.DEFAULT);
  }

  /** Whether the connection is open to a man in the middle. */
  public boolean isUnsafe() {
    return !verifyHost || trust instanceof TrustSource.Anything;
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>(trust.files());
    if (key != null) {
      files.addAll(key.files());
    }
    return files;
  }
}
