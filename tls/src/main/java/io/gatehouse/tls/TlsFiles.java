package io.gatehouse.tls;

import io.netty.util.ReferenceCountUtil;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Validates all files that TLS settings name, and reports every problem instead of the first. */
public final class TlsFiles {

  /** Which setting is wrong. */
  public enum Part {
    CERTIFICATE,
    KEY,
    TRUST,
    REVOKED,
    PINNED,
    /** The files are valid one by one, but not together. */
    WHOLE
  }

  public record Problem(Part part, String message) {}

  @FunctionalInterface
  private interface Look {
    void look() throws TlsConfigException;
  }

  private final List<Problem> problems = new ArrayList<>();

  private TlsFiles() {}

  /** The problems of a listener's files. */
  public static List<Problem> problems(ServerTls settings) {
    TlsFiles files = new TlsFiles();
    files.key(settings.key());
    var clients = settings.clients();
    files.trust(clients.trust());
    Path revoked = clients.revoked();
    if (revoked != null) {
      files.look(Part.REVOKED, () -> RevocationLists.load(revoked, List.of()));
    }
    Path pinned = clients.pinned();
    if (pinned != null) {
      files.look(Part.PINNED, () -> Certificates.ofFile(pinned));
    }
    return files.whole(settings);
  }

  /** The problems of the files for connections to a cluster. */
  public static List<Problem> problems(ClientTls settings) {
    TlsFiles files = new TlsFiles();
    if (settings.key() != null) {
      files.key(settings.key());
    }
    files.trust(settings.trust());
    return files.whole(settings);
  }

  private void key(KeySource source) {
    if (source instanceof KeySource.Pem pem) {
      int before = problems.size();
      look(Part.CERTIFICATE, () -> Certificates.ofFile(pem.certificates()));
      look(
          Part.KEY,
          () ->
              PrivateKeys.ofPem(
                  Certificates.readText(pem.key()), pem.password(), pem.key().toString()));
      if (problems.size() > before) {
        return;
      }
    }
    look(Part.CERTIFICATE, () -> KeyMaterial.load(source));
  }

  private void trust(@Nullable TrustSource source) {
    if (source != null) {
      look(Part.TRUST, () -> TrustManagers.load(source));
    }
  }

  private List<Problem> whole(TlsSettings settings) {
    if (problems.isEmpty()) {
      look(Part.WHOLE, () -> ReferenceCountUtil.release(TlsContext.load(settings).context()));
    }
    return problems;
  }

  private void look(Part part, Look look) {
    try {
      look.look();
    } catch (TlsConfigException | RuntimeException e) {
      problems.add(new Problem(part, String.valueOf(e.getMessage())));
    }
  }
}
