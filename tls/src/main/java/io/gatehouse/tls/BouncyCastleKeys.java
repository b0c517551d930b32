package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.io.IOException;
import java.io.StringReader;
import java.security.PrivateKey;
import java.util.Locale;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/**
 * Reads private keys with Bouncy Castle: encrypted keys and OpenSSL's older formats.
 *
 * <p>This is a separate class because the JVM, when it verifies a class that catches Bouncy
 * Castle's exceptions, loads them from signed jars. Checking those signatures took a seventh of the
 * gateway's start.
 */
final class BouncyCastleKeys {

  /** Used by reference and never registered with {@code java.security.Security}. */
  private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

  private BouncyCastleKeys() {}

  /**
   * The first private key of a PEM text.
   *
   * @throws TlsConfigException when there is none, or it cannot be decrypted
   */
  static PrivateKey read(String text, @Nullable Secret password, String where)
      throws TlsConfigException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
        PrivateKeyInfo key = key(next, password, where);
        if (key != null) {
          // Converted to the JDK's own key classes, which BoringSSL and the JDK's engine accept.
          return new JcaPEMKeyConverter().getPrivateKey(key);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new TlsConfigException(
          where + " holds a private key that cannot be read: " + e.getMessage(), e);
    }
    throw new TlsConfigException(where + " holds no private key in PEM form");
  }

  private static @Nullable PrivateKeyInfo key(Object block, @Nullable Secret password, String where)
      throws IOException, TlsConfigException {
    return switch (block) {
      case PrivateKeyInfo key -> key;
      case PEMKeyPair pair -> pair.getPrivateKeyInfo();
      case PKCS8EncryptedPrivateKeyInfo encrypted -> {
        char[] secret = required(password, where);
        try {
          yield encrypted.decryptPrivateKeyInfo(
              new JceOpenSSLPKCS8DecryptorProviderBuilder().setProvider(PROVIDER).build(secret));
        } catch (PKCSException | OperatorCreationException e) {
          throw wrong(where, e);
        }
      }
      case PEMEncryptedKeyPair encrypted -> {
        char[] secret = required(password, where);
        try {
          yield encrypted
              .decryptKeyPair(
                  new JcePEMDecryptorProviderBuilder().setProvider(PROVIDER).build(secret))
              .getPrivateKeyInfo();
        } catch (IOException e) {
          throw wrong(where, e);
        }
      }
      default -> null;
    };
  }

  private static char[] required(@Nullable Secret password, String where)
      throws TlsConfigException {
    if (password == null) {
      throw new TlsConfigException(where + " holds an encrypted private key: give its password");
    }
    return password.reveal().toCharArray();
  }

  private static TlsConfigException wrong(String where, Exception cause) {
    String detail = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return new TlsConfigException(
        "the private key in " + where + " cannot be decrypted: wrong password? (" + detail + ")",
        cause);
  }
}
