package io.gatehouse.testkit.pki;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Collection;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMEncryptorBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.util.io.pem.PemObject;

/** Writes PEM. */
final class Pem {

  private Pem() {}

  /** Writes certificates or revocation lists. */
  static String of(Collection<?> objects) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter out = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        out.writeObject(object);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** Writes a private key; the password is used only for encrypted formats. */
  static String of(PrivateKey key, KeyFormat format, String password) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter out = new JcaPEMWriter(text)) {
      switch (format) {
        case PKCS8 -> out.writeObject(new PemObject("PRIVATE KEY", key.getEncoded()));
        case PKCS8_ENCRYPTED -> out.writeObject(encrypted(key, password));
        case TRADITIONAL -> out.writeObject(new JcaMiscPEMGenerator(traditional(key)));
        case TRADITIONAL_ENCRYPTED ->
            out.writeObject(
                new JcaMiscPEMGenerator(
                    traditional(key),
                    new JcePEMEncryptorBuilder("AES-256-CBC")
                        .setProvider(new BouncyCastleProvider())
                        .build(password.toCharArray())));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (OperatorCreationException e) {
      throw new IllegalStateException("cannot encrypt a key", e);
    }
    return text.toString();
  }

  private static PemObject encrypted(PrivateKey key, String password)
      throws OperatorCreationException, IOException {
    return new JcaPKCS8Generator(
            key,
            new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC)
                .setProvider(new BouncyCastleProvider())
                .setPRF(PKCS8Generator.PRF_HMACSHA256)
                .setPassword(password.toCharArray())
                .build())
        .generate();
  }

  /** Converts PKCS#8 to SEC 1 with the curve inside the key, as OpenSSL does. */
  private static PrivateKeyInfo traditional(PrivateKey key) throws IOException {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    if (key instanceof ECPrivateKey elliptic) {
      int bits = elliptic.getParams().getOrder().bitLength();
      return new PrivateKeyInfo(
          info.getPrivateKeyAlgorithm(),
          new org.bouncycastle.asn1.sec.ECPrivateKey(
              bits, elliptic.getS(), info.getPrivateKeyAlgorithm().getParameters()));
    }
    return info;
  }
}
