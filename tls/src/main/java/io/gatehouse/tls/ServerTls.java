package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards clients.
 *
 * @param clients which client certificates are let in
 * @param endsSessions whether a client's session ends with its certificate, and when revocation
 *     lists or trusted authorities change so that the certificate would not be let in any more
 */
public record ServerTls(KeySource key, Clients clients, Ciphers ciphers, boolean endsSessions)
    implements TlsSettings {

  public ServerTls(KeySource key, Clients clients, Ciphers ciphers) {
    this(key, clients, ciphers, true);
  }

  /**
   * @param trust null: nobody's certificates; only {@code pinned} can be let in then
   * @param revoked a PEM file of revocation lists, or null
   * @param pinned the only certificate let in is the one in this PEM file, or null
   */
  public record Clients(
      ClientAuth auth,
      @Nullable TrustSource trust,
      @Nullable Path revoked,
      SubjectRules subjects,
      @Nullable Path pinned) {

    public static final Clients NOT_ASKED =
        new Clients(ClientAuth.NONE, null, null, SubjectRules.NONE, null);

    public Clients {
      if (auth != ClientAuth.NONE && trust == null && pinned == null) {
        throw new IllegalArgumentException(
            "client certificates are asked for, and no authority is trusted to issue them");
      }
      if (revoked != null && trust == null) {
        throw new IllegalArgumentException(
            "there are revocation lists, and no authority that clients' certificates come from");
      }
    }

    public static Clients of(ClientAuth auth, TrustSource trust) {
      return new Clients(auth, trust, null, SubjectRules.NONE, null);
    }
  }

  public static ServerTls of(KeySource key) {
    return new ServerTls(key, Clients.NOT_ASKED, Ciphers.DEFAULT);
  }

  @Override
  public List<Path> files() {
    List<Path> files = new ArrayList<>(key.files());
    if (clients.trust() != null) {
      files.addAll(clients.trust().files());
    }
    if (clients.revoked() != null) {
      files.add(clients.revoked());
    }
    if (clients.pinned() != null) {
      files.add(clients.pinned());
    }
    return files;
  }
}
