package io.gatehouse.identity.tls;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;

/** The blocks of a PEM text, whatever stands between them (RFC 7468). */
final class PemBlocks {

  private PemBlocks() {}

  /**
   * @throws TlsConfigException when a block is broken
   */
  static List<PemObject> of(String text, String where) throws TlsConfigException {
    List<PemObject> blocks = new ArrayList<>();
    try (PemReader reader = new PemReader(new StringReader(text))) {
      for (PemObject next = reader.readPemObject(); next != null; next = reader.readPemObject()) {
        blocks.add(next);
      }
    } catch (IOException | RuntimeException e) {
      throw new TlsConfigException(where + " is not a sound PEM file: " + e.getMessage(), e);
    }
    return blocks;
  }
}
