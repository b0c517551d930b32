package io.gatehouse.tls;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settings of TLS towards clients.
 *
 * @param clients which client certificates are accepted
 * @param endsSessions whether a session ends when the client's certificate expires, or when changed
 *     revocation lists or authorities no longer accept it
 */
public record ServerTls(KeySource key, Clients clients, Ciphers ciphers, boolean endsSessions)
    implements TlsSettings {

  public ServerTls(KeySource key, Clients clients, Ciphers ciphers) {
    this(key, clients, ciphers, true);
  }

  /**
   * Which client certificates are accepted.
   *
   * @param trust null to trust no authority; only {@code pinned} can be accepted then
   * @param revoked a PEM file of revocation lists, or null
   * @param pinned a PEM file with the only certificate to accept, or null
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
