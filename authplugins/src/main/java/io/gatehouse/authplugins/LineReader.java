package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Reads lines of bounded length from a stream whose writer may never end a line. */
final class LineReader {

  private final InputStream in;
  private final int limit;

  /**
   * @param limit in bytes; a longer line is split
   */
  LineReader(InputStream in, int limit) {
    this.in = new BufferedInputStream(in);
    this.limit = limit;
  }

  /** The next line without its terminator; null at the end of the stream. */
  @Nullable String next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = in.read();
    if (next < 0) {
      return null;
    }
    while (next >= 0 && next != '\n') {
      line.write(next);
      if (line.size() == limit) {
        break;
      }
      next = in.read();
    }
    return line.toString(UTF_8);
  }
}
