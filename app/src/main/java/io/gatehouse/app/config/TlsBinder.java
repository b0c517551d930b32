package io.gatehouse.app.config;

import io.gatehouse.auth.Secret;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientAuth;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.SubjectRules;
import io.gatehouse.tls.TlsFiles;
import io.gatehouse.tls.TrustSource;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a {@code tls} section, of a listener, of HTTP or of an upstream cluster. */
final class TlsBinder {

  /** How a broker's certificate is verified. */
  private enum Verify {
    FULL,
    /** It must be trusted, but may be for another host. */
    CERTIFICATE,
    NONE
  }

  private static final String PEM = "-----BEGIN";
  private static final Secret NO_SECRET = new Secret("none");
  private static final KeySource NO_KEY = new KeySource.Text("", NO_SECRET, null);

  private final Section section;

  private TlsBinder(Section section) {
    this.section = section;
  }

  /**
   * Reads the {@code tls} section of a listener or of HTTP.
   *
   * @param endsSessions whether sessions end when their certificate is no longer accepted
   */
  static ServerTls ofListener(Section tls, boolean endsSessions) {
    ServerTls made = new TlsBinder(tls).server(endsSessions);
    if (tls.isFine()) {
      boolean store = made.key() instanceof KeySource.Store;
      boolean trustStore = made.clients().trust() instanceof TrustSource.Store;
      tls.onCheck(() -> report(tls, TlsFiles.problems(made), store, trustStore));
    }
    return made;
  }

  private static void report(
      Section tls, List<TlsFiles.Problem> problems, boolean store, boolean trustStore) {
    for (TlsFiles.Problem problem : problems) {
      String key =
          switch (problem.part()) {
            case CERTIFICATE -> store ? "keyStore" : "certificate";
            case KEY -> store ? "keyStore" : "key";
            case TRUST -> trustStore ? "trustStore" : "trust";
            case REVOKED -> "crl";
            case PINNED -> "sameCertificateAs";
            case WHOLE -> "";
          };
      tls.problem(key, problem.message());
    }
  }

  /** Reads the {@code tls} section of an upstream cluster. */
  static ClientTls ofUpstream(Section tls) {
    ClientTls made = new TlsBinder(tls).client();
    if (tls.isFine()) {
      boolean store = made.key() instanceof KeySource.Store;
      boolean trustStore = made.trust() instanceof TrustSource.Store;
      tls.onCheck(() -> report(tls, TlsFiles.problems(made), store, trustStore));
    }
    return made;
  }

  private ServerTls server(boolean endsSessions) {
    KeySource key = key();
    if (key == null && section.isFine()) {
      section.problem("", "a listener needs a certificate and a key, or a keyStore");
    }
    TrustSource trust = trust();
    Path crl = section.path("crl", "no revocation lists");
    Path same = section.path("sameCertificateAs", "any trusted certificate");
    boolean some = trust != null || same != null;
    ClientAuth auth =
        section.choice(
            "clientAuth", some ? ClientAuth.REQUIRED : ClientAuth.NONE, ClientAuth.class);
    List<String> subjects =
        section.list("subjectRules", "any subject", Function.identity(), Function.identity());
    Protocols protocols = protocols();
    return section.make(
        () ->
            new ServerTls(
                key == null ? NO_KEY : key,
                new ServerTls.Clients(auth, trust, crl, subjectRules(subjects), same),
                protocols.ciphers(),
                endsSessions),
        () -> ServerTls.of(NO_KEY));
  }

  private static SubjectRules subjectRules(List<String> texts) {
    return texts.isEmpty() ? SubjectRules.NONE : SubjectRules.parse(texts);
  }

  private ClientTls client() {
    KeySource key = key();
    TrustSource given = trust();
    boolean system =
        section.flag("trustSystem", given == null); // a given trust replaces the default
    Verify verify = section.choice("verify", Verify.FULL, Verify.class);
    Protocols protocols = protocols();
    return section.make(
        () ->
            new ClientTls(
                key,
                verify == Verify.NONE ? new TrustSource.Anything() : trust(given, system),
                verify == Verify.FULL,
                protocols.ciphers()),
        () -> ClientTls.of(new TrustSource.SystemDefault()));
  }

  private static TrustSource trust(@Nullable TrustSource given, boolean system) {
    return switch (given) {
      case null -> new TrustSource.SystemDefault();
      case TrustSource.Pem pem -> new TrustSource.Pem(pem.certificates(), system);
      case TrustSource other -> {
        if (system) {
          throw new IllegalArgumentException("trustSystem needs trust to be a PEM file");
        }
        yield other;
      }
    };
  }

  private @Nullable KeySource key() {
    String certificate = text("certificate");
    String key = text("key");
    Secret keyPassword = section.secret("keyPassword");
    Path store = section.path("keyStore", "none");
    Secret storePassword = section.secret("keyStorePassword");
    String alias = section.optionalText("keyAlias", "the only key", Function.identity());
    if (store != null && (certificate != null || key != null)) {
      section.problem("keyStore", "keyStore and certificate cannot be combined");
      return null;
    }
    if (store != null) {
      return new KeySource.Store(store, storePassword, keyPassword, alias);
    }
    if ((certificate == null) != (key == null)) {
      section.problem(
          certificate == null ? "key" : "certificate",
          "certificate and key must be given together");
      return null;
    }
    if (certificate == null || key == null) {
      return null;
    }
    boolean texts = certificate.startsWith(PEM);
    if (texts != key.startsWith(PEM)) {
      section.problem("key", "certificate and key must be both files or both PEM texts");
      return null;
    }
    return texts
        ? new KeySource.Text(certificate, new Secret(key), keyPassword)
        : new KeySource.Pem(Parse.path(certificate), Parse.path(key), keyPassword);
  }

  private @Nullable TrustSource trust() {
    String pem = text("trust");
    Path store = section.path("trustStore", "none");
    Secret password = section.secret("trustStorePassword");
    if (pem != null && store != null) {
      section.problem("trustStore", "trust and trustStore cannot be combined");
    }
    if (store != null) {
      return new TrustSource.Store(store, password);
    }
    if (pem == null) {
      return null;
    }
    return pem.startsWith(PEM)
        ? new TrustSource.Text(pem)
        : new TrustSource.Pem(Parse.path(pem), false);
  }

  /** A path or a PEM text. PEM texts are never shown. */
  private @Nullable String text(String key) {
    return section.optional(
        key,
        "none",
        text -> text.startsWith(PEM) ? text : Parse.path(text).toString(),
        text -> text.startsWith(PEM) ? NO_SECRET.toString() : text);
  }

  private record Protocols(List<String> protocols, List<String> suites, List<String> curves) {
    Ciphers ciphers() {
      return new Ciphers(protocols, suites, curves);
    }
  }

  private Protocols protocols() {
    return new Protocols(list("protocols"), list("ciphers"), list("curves"));
  }

  private List<String> list(String key) {
    return section.list(key, "the TLS library's default", Function.identity(), Function.identity());
  }
}
