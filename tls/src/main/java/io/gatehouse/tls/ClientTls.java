package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards brokers.
 *
 * @param key the gateway's own certificate, or null to show none
 * @param verifyHost whether the broker's certificate must name the host that was asked for
 */
public record ClientTls(
    @Nullable KeySource key, TrustSource trust, boolean verifyHost, Ciphers ciphers)
    implements TlsSettings {

  public static ClientTls of(TrustSource trust) {
    return new ClientTls(null, trust, true, Ciphers.DEFAULT);
  }

  /** Whether somebody in between could pretend to be the broker. */
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
