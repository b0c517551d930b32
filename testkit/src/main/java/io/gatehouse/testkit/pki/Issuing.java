package io.gatehouse.testkit.pki;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Encodes and signs X.509 certificates (RFC 5280). */
final class Issuing {

  private static final SecureRandom RANDOM = new SecureRandom();

  private Issuing() {}

  /**
   * The content of a certificate, except for keys and issuer.
   *
   * @param purposes the extended key usages; none for an authority
   */
  record Content(
      X500Principal subject,
      Instant notBefore,
      Instant notAfter,
      List<GeneralName> names,
      Set<KeyPurposeId> purposes) {}

  /** The signing authority. */
  record Issuer(X500Principal name, PublicKey publicKey, PrivateKey key, String signature) {}

  static X509Certificate selfSigned(Content content, KeyPair pair, String signature) {
    return certificate(
        content,
        pair.getPublic(),
        new Issuer(content.subject(), pair.getPublic(), pair.getPrivate(), signature));
  }

  static X509Certificate certificate(Content content, PublicKey key, Issuer issuer) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer.name(),
              new BigInteger(120, RANDOM).setBit(119),
              Date.from(content.notBefore()),
              Date.from(content.notAfter()),
              content.subject(),
              key);
      extend(builder, content, key, issuer);
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(issuer.signature()).build(issuer.key())));
    } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a certificate for " + content.subject(), e);
    }
  }

  private static void extend(
      X509v3CertificateBuilder builder, Content content, PublicKey key, Issuer issuer)
      throws CertIOException, GeneralSecurityException {
    boolean authority = content.purposes().isEmpty();
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    builder.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(
            authority
                ? KeyUsage.keyCertSign | KeyUsage.cRLSign
                : KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(key));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(issuer.publicKey()));
    if (!authority) {
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(content.purposes().toArray(new KeyPurposeId[0])));
    }
    if (!content.names().isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(content.names().toArray(new GeneralName[0])));
    }
  }
}
