package io.gatehouse.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.testkit.pki.Authority;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsContextTest {

  private final Authority authority = Authority.create("TLS test authority");

  @TempDir Path folder;

  private PemFiles files(String name, Credentials credentials) throws IOException {
    return credentials.writePem(Files.createDirectories(folder.resolve(name)));
  }

  @Test
  void aChangeWhileTheFilesAreLoadedIsNotMissed() throws Exception {
    Credentials later = authority.server();
    PemFiles used = files("used", authority.server());
    PemFiles next = files("next", later);
    ServerTls settings = ServerTls.of(new KeySource.Pem(used.chain(), used.key(), null));
    AtomicBoolean changed = new AtomicBoolean();
    TlsContext.Loading loading =
        () -> {
          TlsContext.Loaded loaded = TlsContext.load(settings);
          if (!changed.getAndSet(true)) {
            replace(used.chain(), next.chain());
            replace(used.key(), next.key());
          }
          return loaded;
        };
    try (FileWatch watch = new FileWatch(Duration.ofMillis(10));
        TlsContext context = TlsContext.watched("test", settings, loading, watch)) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () -> assertThat(context.certificates().getFirst()).isEqualTo(later.certificate()));
    }
  }

  private static void replace(Path file, Path by) {
    try {
      Files.copy(by, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
