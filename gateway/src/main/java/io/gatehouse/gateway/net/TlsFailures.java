package io.gatehouse.gateway.net;

import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Explains failed TLS handshakes in words that lead to the cause. */
public final class TlsFailures {

  /** An alert (RFC 8446 §6) in the messages of BoringSSL and the JDK. */
  private static final Pattern ALERT = Pattern.compile("alert[_: ]+([a-z_]+)");

  private TlsFailures() {}

  /**
   * Whether a server-side handshake failed because the client's certificate was refused or missing.
   */
  public static boolean isClientCertificateFailure(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return true;
      }
      // The messages of BoringSSL and the JDK for a missing certificate.
      String message = String.valueOf(cause.getMessage());
      if (cause instanceof SSLException
          && (message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE")
              || message.contains("Empty client certificate chain"))) {
        return true;
      }
    }
    return false;
  }

  /** Explains a failed handshake in one clause, for log lines and error messages. */
  public static String explain(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException
          || cause instanceof java.security.cert.CertPathBuilderException) {
        return "the certificate is not accepted: " + cause.getMessage();
      }
      if (cause instanceof NotSslRecordException) {
        return "the other side does not speak TLS";
      }
      if (cause instanceof ClosedChannelException) {
        return "the other side closed the connection during the handshake";
      }
      if (cause instanceof SSLException) {
        String alert = alert(String.valueOf(cause.getMessage()));
        if (alert != null) {
          return alert;
        }
      }
    }
    return failure == null ? "unknown" : String.valueOf(failure.getMessage());
  }

  /** Explains an alert about our certificate; null for any other message. */
  private static @Nullable String alert(String message) {
    Matcher found = ALERT.matcher(message.toLowerCase(Locale.ROOT));
    return switch (found.find() ? found.group(1) : "") {
      case "certificate_required" ->
          "the other side requires a certificate and got none that it accepts";
      case "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "unknown_ca" ->
          "the other side does not accept our certificate ("
              + found.group(1).replace('_', ' ')
              + ")";
      default -> null;
    };
  }
}
