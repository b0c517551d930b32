package io.gatehouse.auth.sasl.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.SignedJWT;
import io.gatehouse.auth.sasl.SaslFailure;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** Verifies tokens with an issuer's keys. */
final class Signatures {

  /** The prefix of an Ed25519 key of 32 bytes in X.509 format (RFC 8410 §4). */
  private static final byte[] ED25519_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");

  private Signatures() {}

  /**
   * Parses the token and verifies that one of the keys signed it with one of the algorithms.
   *
   * @throws SaslFailure BAD_CREDENTIALS when none did
   */
  static SignedJWT verified(String token, JwksKeys keys, Set<String> algorithms)
      throws SaslFailure {
    SignedJWT jwt = Jwt.signed(token);
    String algorithm = jwt.getHeader().getAlgorithm().getName();
    if (!algorithms.contains(algorithm)) {
      throw Jwt.noToken("its algorithm is none of " + algorithms.stream().sorted().toList(), null);
    }
    List<JWK> candidates = keys.find(jwt.getHeader());
    if (candidates.isEmpty()) {
      throw Jwt.noToken("its issuer has no such key", null);
    }
    for (JWK key : candidates) {
      if (isSigned(jwt, key)) {
        return jwt;
      }
    }
    throw Jwt.badSignature();
  }

  private static boolean isSigned(SignedJWT jwt, JWK key) {
    try {
      return switch (key) {
        case RSAKey rsa -> jwt.verify(new RSASSAVerifier(rsa.toRSAPublicKey()));
        case ECKey ec -> jwt.verify(new ECDSAVerifier(ec.toECPublicKey()));
        case OctetKeyPair pair when Curve.Ed25519.equals(pair.getCurve()) -> isEd25519(jwt, pair);
        default -> false;
      };
    } catch (JOSEException | GeneralSecurityException e) {
      // The key is of another type than the header says, or the signature is malformed.
      return false;
    }
  }

  /** By the JDK, because the JWT library would need Tink for it. */
  private static boolean isEd25519(SignedJWT jwt, OctetKeyPair pair)
      throws GeneralSecurityException {
    byte[] point = pair.getX().decode();
    byte[] encoded = new byte[ED25519_HEAD.length + point.length];
    System.arraycopy(ED25519_HEAD, 0, encoded, 0, ED25519_HEAD.length);
    System.arraycopy(point, 0, encoded, ED25519_HEAD.length, point.length);
    PublicKey key =
        KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    Signature signature = Signature.getInstance("Ed25519");
    signature.initVerify(key);
    signature.update(jwt.getSigningInput());
    return signature.verify(jwt.getSignature().decode());
  }
}
