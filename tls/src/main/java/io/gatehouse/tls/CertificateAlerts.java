package io.gatehouse.tls;

import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds the refused certificate's subject to an exception, and chooses the TLS alert that BoringSSL
 * sends (RFC 8446 §6.2). For an exception of another type BoringSSL would send internal_error (80).
 * The JDK's engine sends certificate_unknown (46) for everything that a trust manager refuses.
 */
final class CertificateAlerts {

  /** Extended key usages (RFC 5280 §4.2.1.12). */
  private static final String CLIENTS = "1.3.6.1.5.5.7.3.2";

  private static final String ANY_USE = "2.5.29.37.0";

  /**
   * The verification results that BoringSSL translates to each alert. This is a class of its own
   * because the constants are read from the native library, which may be missing.
   */
  private static final class Result {
    static final int BAD_CERTIFICATE = CertificateVerifier.X509_V_ERR_CERT_REJECTED;
    static final int UNSUPPORTED_CERTIFICATE = CertificateVerifier.X509_V_ERR_INVALID_PURPOSE;
    static final int CERTIFICATE_REVOKED = CertificateVerifier.X509_V_ERR_CERT_REVOKED;
    static final int CERTIFICATE_EXPIRED = CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
    static final int CERTIFICATE_UNKNOWN = CertificateVerifier.X509_V_ERR_NO_EXPLICIT_POLICY;
    static final int UNKNOWN_CA = CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  }

  private CertificateAlerts() {}

  /** The exception to throw instead of {@code refusal}. */
  static CertificateException withAlert(CertificateException refusal, X509Certificate certificate) {
    String subject = certificate.getSubjectX500Principal().toString();
    String why = String.valueOf(refusal.getMessage());
    String message = why.contains(subject) ? why : why + ": that of " + subject;
    return TlsContext.isNative()
        ? new OpenSslCertificateException(message, refusal, alert(refusal, certificate))
        : new CertificateException(message, refusal);
  }

  private static int alert(CertificateException refusal, X509Certificate certificate) {
    boolean noPath = false;
    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
      Integer alert = alert(cause);
      if (alert != null) {
        return alert;
      }
      noPath |=
          cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException;
    }
    if (noPath) {
      return Result.UNKNOWN_CA;
    }
    return isForClients(certificate) ? Result.CERTIFICATE_UNKNOWN : Result.UNSUPPORTED_CERTIFICATE;
  }

  private static @Nullable Integer alert(Throwable cause) {
    return switch (cause) {
      case CertificateRevokedException _ -> Result.CERTIFICATE_REVOKED;
      case CertificateExpiredException _ -> Result.CERTIFICATE_EXPIRED;
      case CertificateNotYetValidException _ -> Result.BAD_CERTIFICATE;
      case CertPathValidatorException invalid
          when invalid.getReason() instanceof BasicReason reason ->
          switch (reason) {
            case EXPIRED -> Result.CERTIFICATE_EXPIRED;
            case REVOKED -> Result.CERTIFICATE_REVOKED;
            case ALGORITHM_CONSTRAINED -> Result.UNSUPPORTED_CERTIFICATE;
            case INVALID_SIGNATURE, NOT_YET_VALID -> Result.BAD_CERTIFICATE;
            case UNSPECIFIED, UNDETERMINED_REVOCATION_STATUS -> null;
          };
      default -> null;
    };
  }

  private static boolean isForClients(X509Certificate certificate) {
    try {
      List<String> uses = certificate.getExtendedKeyUsage();
      return uses == null || uses.contains(CLIENTS) || uses.contains(ANY_USE);
    } catch (CertificateParsingException e) {
      return false;
    }
  }
}
