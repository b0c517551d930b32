package io.gatehouse.tls;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the blocks of a PEM text and ignores the text between them (RFC 7468). Blocks with the old
 * encryption headers (RFC 1421) are left to Bouncy Castle, which takes long to load.
 */
final class PemBlocks {

  /**
   * @param type the label after BEGIN
   * @param encrypted whether RFC 1421 headers say that the content is encrypted
   */
  record Block(String type, boolean encrypted, String base64) {

    /** The content in DER. */
    byte[] content() {
      return Base64.getMimeDecoder().decode(base64);
    }
  }

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);

  private static final Pattern NOT_BASE64 = Pattern.compile("[^A-Za-z0-9+/=\\s]");

  private PemBlocks() {}

  /**
   * @throws TlsConfigException when a block is malformed
   */
  static List<Block> of(String text, String where) throws TlsConfigException {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    int begun = text.split("-----BEGIN ", -1).length - 1;
    while (matcher.find()) {
      String content = matcher.group(2);
      boolean encrypted = content.contains("Proc-Type:");
      if (!encrypted && NOT_BASE64.matcher(content).find()) {
        throw new TlsConfigException(
            where + " is not a sound PEM file: its " + matcher.group(1) + " is no base64 text");
      }
      blocks.add(new Block(matcher.group(1), encrypted, content));
    }
    if (blocks.size() < begun) {
      throw new TlsConfigException(
          where + " is not a sound PEM file: a BEGIN line has no matching END line");
    }
    return blocks;
  }
}
