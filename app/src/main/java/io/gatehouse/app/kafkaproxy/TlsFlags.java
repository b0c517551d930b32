package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.config.Durations;
import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Node.Scalar;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.TreeBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The flags for TLS towards clients and brokers (docs/kafka-proxy.md). */
final class TlsFlags {

  private static final String LISTENER = "proxy-listener-tls-enable";
  private static final String BROKERS = "tls-enable";
  private static final String SUBJECTS = "proxy-listener-tls-required-client-subject";
  private static final String SAME = "tls-same-client-cert-enable";
  private static final String AUTHORITIES = "proxy-listener-ca-chain-cert-file";

  /** The shortest interval, as in kafka-proxy. */
  private static final Duration LEAST = Duration.ofSeconds(1);

  private final GivenFlags flags;

  TlsFlags(GivenFlags flags) {
    this.flags = flags;
  }

  void listener(TreeBuilder listener) {
    if (!flags.isSet(LISTENER)) {
      flags.idleWithout(
          LISTENER,
          List.of(
              "proxy-listener-cert-file",
              "proxy-listener-key-file",
              AUTHORITIES,
              "proxy-listener-crl-file",
              "proxy-listener-cipher-suites",
              "proxy-listener-curve-preferences",
              SUBJECTS));
      if (flags.isSet(SAME)) {
        flags.problem(SAME, "this needs --" + LISTENER + " as well");
      }
      return;
    }
    if (flags.value("proxy-listener-cert-file") == null
        || flags.value("proxy-listener-key-file") == null) {
      flags.problem(
          LISTENER, "this needs --proxy-listener-cert-file and --proxy-listener-key-file");
      return;
    }
    flags.copy(listener, "proxy-listener-cert-file", "tls", "certificate");
    flags.copy(listener, "proxy-listener-key-file", "tls", "key");
    flags.copySecret(listener, "proxy-listener-key-password", "tls", "keyPassword");
    flags.copy(listener, AUTHORITIES, "tls", "trust");
    if (flags.value(AUTHORITIES) == null) {
      flags.idleWithout(AUTHORITIES, List.of(SUBJECTS));
      if (flags.value("proxy-listener-crl-file") != null) {
        flags.problem("proxy-listener-crl-file", "this needs --" + AUTHORITIES + " as well");
      }
    } else {
      flags.copy(listener, "proxy-listener-crl-file", "tls", "crl");
      list(listener, SUBJECTS, "tls", "subjectRules");
    }
    list(listener, "proxy-listener-cipher-suites", "tls", "ciphers");
    list(listener, "proxy-listener-curve-preferences", "tls", "curves");
    if (flags.isSet(SAME)) {
      Scalar certificate = flags.value("tls-client-cert-file");
      if (certificate == null || !flags.isSet(BROKERS)) {
        flags.problem(SAME, "this needs --tls-enable and --tls-client-cert-file as well");
      } else {
        listener.set(certificate.text(), flags.origin(SAME), "tls", "sameCertificateAs");
      }
    }
  }

  void brokers(TreeBuilder tree) {
    if (!flags.isSet(BROKERS)) {
      flags.idleWithout(
          BROKERS,
          List.of(
              "tls-client-cert-file",
              "tls-client-key-file",
              "tls-ca-chain-cert-file",
              "tls-system-cert-pool",
              "tls-insecure-skip-verify"));
      return;
    }
    Origin origin = flags.origin(BROKERS);
    boolean certificate = flags.value("tls-client-cert-file") != null;
    boolean key = flags.value("tls-client-key-file") != null;
    if (certificate != key) {
      flags.problem(
          certificate ? "tls-client-cert-file" : "tls-client-key-file",
          "--tls-client-cert-file and --tls-client-key-file must be given together");
    } else if (certificate) {
      flags.copy(tree, "tls-client-cert-file", "upstream", "tls", "certificate");
      flags.copy(tree, "tls-client-key-file", "upstream", "tls", "key");
      flags.copySecret(tree, "tls-client-key-password", "upstream", "tls", "keyPassword");
    }
    flags.copy(tree, "tls-ca-chain-cert-file", "upstream", "tls", "trust");
    boolean system = flags.isSet("tls-system-cert-pool");
    if (system && flags.value("tls-ca-chain-cert-file") != null) {
      tree.set("true", flags.origin("tls-system-cert-pool"), "upstream", "tls", "trustSystem");
    }
    boolean insecure = flags.isSet("tls-insecure-skip-verify");
    tree.set(
        insecure ? "none" : "full",
        insecure ? flags.origin("tls-insecure-skip-verify") : origin,
        "upstream",
        "tls",
        "verify");
  }

  /**
   * How often TLS files are checked for changes: the shorter interval applies to both sides. Unlike
   * kafka-proxy, the gateway checks files even without these flags.
   */
  void refresh(TreeBuilder tree) {
    Duration shortest = Duration.ZERO;
    String of = "";
    for (String flag : List.of("proxy-listener-tls-refresh", "tls-refresh")) {
      Scalar given = flags.value(flag);
      if (given == null) {
        continue;
      }
      Duration time;
      try {
        time = Parse.duration(given.text(), true);
      } catch (IllegalArgumentException e) {
        flags.problem(flag, String.valueOf(e.getMessage()));
        continue;
      }
      if (!time.isZero() && time.compareTo(LEAST) < 0) {
        flags.problems().notice("--" + flag + "=" + given.text() + " is too short: using 1s");
        time = LEAST;
      }
      if (of.isEmpty() || shortest.isZero() || (!time.isZero() && time.compareTo(shortest) < 0)) {
        shortest = time;
        of = flag;
      }
    }
    if (!of.isEmpty()) {
      tree.set(Durations.format(shortest), flags.origin(of), "tls", "refresh");
    }
  }

  private void list(TreeBuilder to, String flag, String... path) {
    List<String> parts = new ArrayList<>();
    flags.arguments().all(flag).forEach(value -> parts.addAll(split(value)));
    if (!parts.isEmpty()) {
      List<Node> items = new ArrayList<>();
      parts.forEach(part -> items.add(new Scalar(part, flags.origin(flag))));
      to.set(new Node.Sequence(items, flags.origin(flag)), path);
    }
  }

  /**
   * Splits at commas outside of quotes and brackets, and removes the quotes. A subject rule with
   * commas works with and without quotes.
   */
  static List<String> split(String value) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    int depth = 0;
    boolean quoted = false;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '\\' && i + 1 < value.length()) {
        part.append(c).append(value.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && depth == 0 && !quoted) {
        parts.add(part.toString().strip());
        part.setLength(0);
      } else {
        depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
        part.append(c);
      }
    }
    parts.add(part.toString().strip());
    parts.removeIf(String::isEmpty);
    return parts;
  }
}
