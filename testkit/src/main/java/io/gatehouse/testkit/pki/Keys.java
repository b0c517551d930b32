package io.gatehouse.testkit.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** What kind of key a certificate is for. */
public enum Keys {
  /** An elliptic curve key on P-256: quick to make. */
  P256,
  /** An RSA key of 2048 bits: takes some hundred milliseconds to make. */
  RSA;

  KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(this == RSA ? "RSA" : "EC");
      if (this == RSA) {
        generator.initialize(2048);
      } else {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM makes no " + this + " keys", e);
    }
  }

  /** The algorithm with which a key of this kind signs certificates. */
  String signature() {
    return this == RSA ? "SHA256withRSA" : "SHA256withECDSA";
  }
}
