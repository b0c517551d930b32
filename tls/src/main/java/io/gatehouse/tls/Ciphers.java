package io.gatehouse.tls;

import java.util.List;

/**
 * Protocol versions, cipher suites and curves to offer. An empty list means the library's default.
 *
 * @param protocols of {@code TLSv1.2} and {@code TLSv1.3}
 * @param suites IANA names, for instance {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}; those of
 *     TLS 1.3 cannot be chosen with BoringSSL
 * @param curves of {@code X25519}, {@code P256}, {@code P384}, {@code P521}, in order of preference
 */
public record Ciphers(List<String> protocols, List<String> suites, List<String> curves) {

  public static final Ciphers DEFAULT = new Ciphers(List.of(), List.of(), List.of());

  private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");
  private static final List<String> CURVES = List.of("X25519", "P256", "P384", "P521");

  public Ciphers {
    protocols = List.copyOf(protocols);
    suites = suites.stream().map(Ciphers::iana).toList();
    curves = List.copyOf(curves);
    known("TLS protocol", PROTOCOLS, protocols);
    known("curve", CURVES, curves);
  }

  /** Go omits the hash in the names of two suites. */
  private static String iana(String suite) {
    return suite.endsWith("_WITH_CHACHA20_POLY1305") ? suite + "_SHA256" : suite;
  }

  private static void known(String what, List<String> known, List<String> given) {
    for (String one : given) {
      if (!known.contains(one)) {
        throw new IllegalArgumentException(
            "there is no " + what + " '" + one + "'; there are " + String.join(", ", known));
      }
    }
  }
}
