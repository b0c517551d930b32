package io.gatehouse.testkit.pki;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** A kind of key. */
public enum Keys {
  /** A P-256 key, which is fast to create. */
  P256,
  /** An RSA key of 2048 bits, which takes a few hundred milliseconds to create. */
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

  /** The signature algorithm for certificates. */
  String signature() {
    return this == RSA ? "SHA256withRSA" : "SHA256withECDSA";
  }
}
