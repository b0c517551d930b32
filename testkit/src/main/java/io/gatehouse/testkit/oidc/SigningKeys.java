package io.gatehouse.testkit.oidc;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A generation of keys: an RSA key and a P-256 key.
 *
 * @param rsaId the id of the RSA key
 * @param ecId the id of the P-256 key
 */
record SigningKeys(String rsaId, KeyPair rsa, String ecId, KeyPair ec) {

  static SigningKeys generate(String suffix) {
    try {
      KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
      rsa.initialize(2048);
      KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
      ec.initialize(new ECGenParameterSpec("secp256r1"));
      return new SigningKeys(
          "rsa-" + suffix, rsa.generateKeyPair(), "ec-" + suffix, ec.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JVM makes no such keys", e);
    }
  }

  /** The public keys as a JSON Web Key Set (RFC 7517). */
  List<Map<String, Object>> jwks() {
    RSAPublicKey rsaPublic = (RSAPublicKey) rsa.getPublic();
    ECPublicKey ecPublic = (ECPublicKey) ec.getPublic();
    Map<String, Object> first =
        new TreeMap<>(Map.of("kty", "RSA", "use", "sig", "alg", "RS256", "kid", rsaId));
    first.put("n", unsigned(rsaPublic.getModulus(), 256));
    first.put("e", unsigned(rsaPublic.getPublicExponent(), 3));
    Map<String, Object> second =
        new TreeMap<>(Map.of("kty", "EC", "use", "sig", "alg", "ES256", "kid", ecId));
    second.put("crv", "P-256");
    second.put("x", unsigned(ecPublic.getW().getAffineX(), 32));
    second.put("y", unsigned(ecPublic.getW().getAffineY(), 32));
    return List.of(first, second);
  }

  private static String unsigned(BigInteger number, int length) {
    byte[] bytes = number.toByteArray();
    byte[] exact = new byte[length];
    int given = Math.min(length, bytes.length);
    System.arraycopy(bytes, bytes.length - given, exact, length - given, given);
    Arrays.fill(exact, 0, length - given, (byte) 0);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(exact);
  }
}
