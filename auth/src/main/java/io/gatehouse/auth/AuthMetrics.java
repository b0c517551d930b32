package io.gatehouse.auth;

import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Counts what goes wrong with the programs and servers that others run, for metrics of the whole
 * process. All labels come from code and configuration.
 */
public final class AuthMetrics {

  /** What checks proofs. */
  public enum Verifier {
    LDAP,
    JWKS,
    PLUGIN;

    /** The value of the metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why it could not tell. */
  public enum Cause {
    /** Nobody answers at its address, or the connection was lost. */
    CONNECT,
    TIMEOUT,
    /** Its certificate is not accepted, or TLS fails otherwise. */
    TLS,
    /** It answers, with something that cannot be used. */
    ANSWER,
    /** Too much waits for it already. */
    BUSY;

    /** The value of the metric's label. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What lies at the bottom of a failure; {@link #ANSWER} where nothing else is known. */
    public static Cause of(@Nullable Throwable failure) {
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        switch (cause) {
          case SSLException _, CertificateException _ -> {
            return TLS;
          }
          case InterruptedIOException _, HttpTimeoutException _, TimeoutException _ -> {
            return TIMEOUT;
          }
          case ConnectException _,
              UnknownHostException _,
              NoRouteToHostException _,
              ClosedChannelException _,
              UnresolvedAddressException _ -> {
            return CONNECT;
          }
          default -> {}
        }
      }
      return ANSWER;
    }
  }

  /** What is counted apart. */
  public record Failure(Verifier verifier, Cause cause) {}

  private static final Map<Failure, LongAdder> FAILURES = new ConcurrentHashMap<>();
  private static final Map<String, LongAdder> RESTARTS = new ConcurrentHashMap<>();

  private AuthMetrics() {}

  /** A verifier could not tell whether a proof is good. */
  public static void failed(Verifier verifier, Cause cause) {
    FAILURES.computeIfAbsent(new Failure(verifier, cause), _ -> new LongAdder()).increment();
  }

  /** Makes a plugin known that was not started again yet. */
  public static void pluginStarted(String plugin) {
    RESTARTS.computeIfAbsent(plugin, _ -> new LongAdder());
  }

  /** A plugin's program was started again after its end. */
  public static void pluginRestarted(String plugin) {
    RESTARTS.computeIfAbsent(plugin, _ -> new LongAdder()).increment();
  }

  /** How often verifiers could not tell, since the process began. */
  public static Map<Failure, Long> failures() {
    Map<Failure, Long> all = new ConcurrentHashMap<>();
    FAILURES.forEach((failure, count) -> all.put(failure, count.sum()));
    return all;
  }

  /** How often plugins were started again, by their programs' names. */
  public static Map<String, Long> restarts() {
    Map<String, Long> all = new TreeMap<>();
    RESTARTS.forEach((plugin, count) -> all.put(plugin, count.sum()));
    return all;
  }
}
