package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads certificates and key stores, and sorts chains. */
final class Certificates {

  private Certificates() {}

  static String readText(Path file) throws TlsConfigException {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new TlsConfigException("cannot read " + file + ": " + reason(e), e);
    }
  }

  /** The certificates of a PEM file; other blocks are ignored. */
  static List<X509Certificate> ofFile(Path file) throws TlsConfigException {
    return ofPem(readText(file), file.toString());
  }

  /** The certificates of a PEM text; other blocks are ignored. */
  static List<X509Certificate> ofPem(String text, String where) throws TlsConfigException {
    List<X509Certificate> found = new ArrayList<>();
    for (PemBlocks.Block block : PemBlocks.of(text, where)) {
      if (block.type().endsWith("CERTIFICATE")) {
        try {
          found.add(
              (X509Certificate)
                  factory().generateCertificate(new ByteArrayInputStream(block.content())));
        } catch (CertificateException e) {
          throw new TlsConfigException(
              where + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
      }
    }
    if (found.isEmpty()) {
      throw new TlsConfigException(where + " holds no certificate in PEM form");
    }
    return found;
  }

  static CertificateFactory factory() {
    try {
      return CertificateFactory.getInstance("X.509");
    } catch (CertificateException e) {
      throw new IllegalStateException("this Java runtime knows no X.509", e);
    }
  }

  static KeyStore store(Path path, @Nullable Secret password) throws TlsConfigException {
    if (!Files.isRegularFile(path)) {
      throw new TlsConfigException("cannot open the store " + path + ": there is no such file");
    }
    try {
      // Detects whether the file is PKCS#12 or JKS.
      return KeyStore.getInstance(
          path.toFile(), password == null ? null : password.reveal().toCharArray());
    } catch (IOException | GeneralSecurityException e) {
      throw new TlsConfigException(
          "cannot open the store "
              + path
              + ": "
              + reason(e)
              + (password == null ? " (no password is given for it)" : " (wrong password?)"),
          e);
    }
  }

  /**
   * The chain from {@code leaf} to its highest issuer among {@code all}. A root is left out,
   * because peers must have it anyway.
   */
  static List<X509Certificate> chain(X509Certificate leaf, List<X509Certificate> all) {
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
    for (X509Certificate next = issuer(leaf, all);
        next != null && !isSelfSigned(next) && !chain.contains(next);
        next = issuer(next, all)) {
      chain.add(next);
    }
    return chain;
  }

  /** The certificate among {@code all} whose key signed this one, or null. */
  static @Nullable X509Certificate issuer(
      X509Certificate certificate, Iterable<X509Certificate> all) {
    for (X509Certificate one : all) {
      if (one.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
          && isSignedBy(certificate, one)) {
        return one;
      }
    }
    return null;
  }

  static boolean isSelfSigned(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
        && isSignedBy(certificate, certificate);
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  static String reason(Exception e) {
    return e instanceof java.nio.file.NoSuchFileException
        ? "there is no such file"
        : e instanceof java.nio.file.AccessDeniedException
            ? "permission denied"
            : String.valueOf(e.getMessage());
  }
}
