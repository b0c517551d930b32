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
 * Process-wide counters of failures outside the gateway: of the servers and plugins that check
 * credentials. All labels come from code and configuration, so their number is bounded.
 */
public final class AuthMetrics {

  /** What checks credentials. */
  public enum Verifier {
    LDAP,
    JWKS,
    PLUGIN;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Why credentials could not be checked. */
  public enum Cause {
    /** The connection was refused or lost. */
    CONNECT,
    TIMEOUT,
    /** The server's certificate is not accepted, or TLS fails otherwise. */
    TLS,
    /** The answer cannot be used. */
    ANSWER,
    /** Too many requests wait already. */
    BUSY;

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The cause of an exception, by the types in its chain of causes; {@link #ANSWER} if none of
     * them is known.
     */
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

  /** The labels of one counter. */
  public record Failure(Verifier verifier, Cause cause) {}

  private static final Map<Failure, LongAdder> FAILURES = new ConcurrentHashMap<>();
  private static final Map<String, LongAdder> RESTARTS = new ConcurrentHashMap<>();

  private AuthMetrics() {}

  /** Counts credentials that could not be checked. */
  public static void failed(Verifier verifier, Cause cause) {
    FAILURES.computeIfAbsent(new Failure(verifier, cause), _ -> new LongAdder()).increment();
  }

  /** Creates the counter of a plugin, so that it is exported with 0 before its first restart. */
  public static void pluginStarted(String plugin) {
    RESTARTS.computeIfAbsent(plugin, _ -> new LongAdder());
  }

  /** Counts a plugin whose program was started again after its end. */
  public static void pluginRestarted(String plugin) {
    RESTARTS.computeIfAbsent(plugin, _ -> new LongAdder()).increment();
  }

  /** Failures by verifier and cause since the process started. */
  public static Map<Failure, Long> failures() {
    Map<Failure, Long> all = new ConcurrentHashMap<>();
    FAILURES.forEach((failure, count) -> all.put(failure, count.sum()));
    return all;
  }

  /** Restarts by the plugin's program name since the process started. */
  public static Map<String, Long> restarts() {
    Map<String, Long> all = new TreeMap<>();
    RESTARTS.forEach((plugin, count) -> all.put(plugin, count.sum()));
    return all;
  }
}
