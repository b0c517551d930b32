package io.gatehouse.tls;

import io.gatehouse.auth.Secret;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A private key with its certificate chain.
 *
 * @param chain the key's own certificate first, then each issuer, without the root
 */
record KeyMaterial(PrivateKey key, List<X509Certificate> chain) {

  /** Without the password, a PKCS#12 store looks empty and a JKS store's key cannot be read. */
  private static final String PASSWORD_MISSING = "no password is given for the store";

  static KeyMaterial load(KeySource source) throws TlsConfigException {
    return switch (source) {
      case KeySource.Pem pem ->
          ofPem(
              Certificates.ofFile(pem.certificates()),
              PrivateKeys.ofPem(
                  Certificates.readText(pem.key()), pem.password(), pem.key().toString()),
              pem.certificates().toString());
      case KeySource.Text text ->
          ofPem(
              Certificates.ofPem(text.certificates(), "the certificate chain"),
              PrivateKeys.ofPem(text.key().reveal(), text.password(), "the private key"),
              "the certificate chain");
      case KeySource.Store store -> ofStore(store);
    };
  }

  private static KeyMaterial ofPem(List<X509Certificate> all, PrivateKey key, String where)
      throws TlsConfigException {
    for (X509Certificate one : all) {
      if (areOnePair(key, one.getPublicKey())) {
        return new KeyMaterial(key, Certificates.chain(one, all));
      }
    }
    throw new TlsConfigException(
        where
            + ": none of the "
            + all.size()
            + " certificates belongs to the private key. The first is for "
            + all.getFirst().getSubjectX500Principal());
  }

  private static boolean areOnePair(PrivateKey key, PublicKey candidate) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm(); // Ed25519 and Ed448 name key and signature alike
        };
    byte[] message = "one pair".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    try {
      Signature signs = Signature.getInstance(algorithm);
      signs.initSign(key);
      signs.update(message);
      byte[] signature = signs.sign();
      Signature verifies = Signature.getInstance(algorithm);
      verifies.initVerify(candidate);
      verifies.update(message);
      return verifies.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // a key of another algorithm
    }
  }

  private static KeyMaterial ofStore(KeySource.Store source) throws TlsConfigException {
    KeyStore store = Certificates.store(source.path(), source.password());
    try {
      String alias = alias(store, source);
      Secret password = source.keyPassword() == null ? source.password() : source.keyPassword();
      PrivateKey key = key(store, alias, password, source);
      Certificate[] chain = store.getCertificateChain(alias);
      if (key == null || chain == null || chain.length == 0) {
        throw new TlsConfigException(
            source.path() + ": the entry '" + alias + "' is no private key with a certificate");
      }
      List<X509Certificate> all = new ArrayList<>();
      for (Certificate one : Arrays.asList(chain)) {
        all.add((X509Certificate) one);
      }
      return new KeyMaterial(key, Certificates.chain(all.getFirst(), all));
    } catch (GeneralSecurityException e) {
      throw new TlsConfigException(
          "cannot read the store " + source.path() + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable PrivateKey key(
      KeyStore store, String alias, @Nullable Secret password, KeySource.Store source)
      throws TlsConfigException, GeneralSecurityException {
    char[] secret = password == null ? new char[0] : password.reveal().toCharArray();
    try {
      return store.getKey(alias, secret) instanceof PrivateKey key ? key : null;
    } catch (java.security.UnrecoverableKeyException e) {
      throw new TlsConfigException(
          source.path()
              + ": the key '"
              + alias
              + "' cannot be decrypted: "
              + (password == null ? PASSWORD_MISSING : "wrong key password?"),
          e);
    }
  }

  private static String alias(KeyStore store, KeySource.Store source)
      throws TlsConfigException, GeneralSecurityException {
    if (source.alias() != null) {
      if (!store.isKeyEntry(source.alias())) {
        throw new TlsConfigException(
            source.path() + " holds no key called '" + source.alias() + "'");
      }
      return source.alias();
    }
    List<String> keys = new ArrayList<>();
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        keys.add(alias);
      }
    }
    if (keys.size() != 1) {
      String why = source.password() == null ? ": " + PASSWORD_MISSING : "";
      throw new TlsConfigException(
          keys.isEmpty()
              ? source.path() + " holds no private key" + why
              : source.path() + " holds several keys (" + keys + "): say which by its alias");
    }
    return keys.getFirst();
  }
}
