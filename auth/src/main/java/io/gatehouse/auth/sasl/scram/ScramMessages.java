package io.gatehouse.auth.sasl.scram;

import io.gatehouse.auth.sasl.Gs2Header;
import io.gatehouse.auth.sasl.SaslFailure;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A SCRAM client's messages, by the grammar of RFC 5802 §7. */
final class ScramMessages {

  private static final String SCRAM = "SCRAM";
  private static final int MAX_NONCE = 256;

  private ScramMessages() {}

  /**
   * The client-first-message.
   *
   * @param gs2Header with its trailing comma, as the final message repeats it
   * @param authorizationId empty if there is none
   * @param bare the message without the header
   */
  record First(String gs2Header, String authorizationId, String user, String nonce, String bare) {

    static First parse(String message) throws SaslFailure {
      Gs2Header header = Gs2Header.parse(message, SCRAM);
      String bare = message.substring(header.text().length());
      List<String> parts = List.of(bare.split(",", -1));
      if (parts.getFirst().startsWith("m=")) {
        throw malformed("the client demands an extension (m=), and none is known");
      }
      if (parts.size() < 2) {
        throw malformed("the first message has no nonce");
      }
      String user = Gs2Header.unescaped(value("n", parts.get(0)), SCRAM);
      String nonce = checked(value("r", parts.get(1)));
      for (String extension : parts.subList(2, parts.size())) {
        if (extension.equalsIgnoreCase("tokenauth=true")) {
          throw malformed(
              "the client logs in with a delegation token (tokenauth=true), which only brokers"
                  + " know; let it use a user's password");
        }
        checkExtension(extension);
      }
      return new First(header.text(), header.authorizationId(), user, nonce, bare);
    }
  }

  /**
   * The client-final-message.
   *
   * @param proof in base64
   * @param withoutProof the message up to the proof, which the proof covers
   */
  record Last(String channelBinding, String nonce, String proof, String withoutProof) {

    static Last parse(String message) throws SaslFailure {
      List<String> parts = List.of(message.split(",", -1));
      if (parts.size() < 3) {
        throw malformed("the last message is cut short");
      }
      String channelBinding = value("c", parts.get(0));
      String nonce = value("r", parts.get(1));
      for (String extension : parts.subList(2, parts.size() - 1)) {
        checkExtension(extension);
      }
      return new Last(
          channelBinding,
          nonce,
          value("p", parts.getLast()),
          message.substring(0, message.lastIndexOf(',')));
    }

    /**
     * The decoded proof.
     *
     * @param length expected, in bytes
     */
    byte[] proof(int length) throws SaslFailure {
      byte[] bytes;
      try {
        bytes = Base64.getDecoder().decode(proof);
      } catch (IllegalArgumentException e) {
        throw malformed("the proof is no base64", e);
      }
      if (bytes.length != length) {
        throw malformed("a proof of " + bytes.length + " bytes");
      }
      return bytes;
    }
  }

  private static String value(String attribute, String part) throws SaslFailure {
    if (!part.startsWith(attribute + "=")) {
      throw malformed("'" + attribute + "=' is not where it belongs");
    }
    return part.substring(2);
  }

  private static void checkExtension(String extension) throws SaslFailure {
    int equals = extension.indexOf('=');
    if (equals < 1 || !extension.substring(0, equals).chars().allMatch(ScramMessages::isLetter)) {
      throw malformed("a part that is no extension");
    }
  }

  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static String checked(String nonce) throws SaslFailure {
    if (nonce.isEmpty() || nonce.length() > MAX_NONCE) {
      throw malformed("a nonce of " + nonce.length() + " characters");
    }
    if (!nonce.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw malformed("a nonce that is not printable ASCII");
    }
    return nonce;
  }

  static SaslFailure malformed(String detail) {
    return malformed(detail, null);
  }

  private static SaslFailure malformed(String detail, @Nullable Throwable cause) {
    return new SaslFailure(SaslFailure.Reason.MALFORMED, SCRAM + ": " + detail, cause);
  }
}
