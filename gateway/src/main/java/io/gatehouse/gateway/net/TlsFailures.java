package io.gatehouse.gateway.net;

import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import org.jspecify.annotations.Nullable;

/** Says what went wrong in a TLS handshake, in words that lead to the cause. */
public final class TlsFailures {

  private TlsFailures() {}

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
    }
    return failure == null ? "unknown" : String.valueOf(failure.getMessage());
  }
}
