package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognises clients that use TLS or HTTP instead of plain Kafka, so that they get an answer they
 * understand.
 */
enum ProtocolDetection {
  TLS(CloseReason.TLS_ON_PLAINTEXT),
  HTTP(CloseReason.HTTP_ON_KAFKA);

  /** Number of bytes needed. */
  static final int NEEDED = 4;

  private static final Set<String> METHODS =
      Set.of("GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI", "PATC", "CONN", "TRAC", "PRI ");

  /**
   * A fatal unexpected_message alert in a TLS 1.0 record, which clients of any version can read.
   */
  private static final byte[] ALERT = {0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x0a};

  private static final byte[] HTTP_ANSWER = httpAnswer();

  private final CloseReason reason;

  ProtocolDetection(CloseReason reason) {
    this.reason = reason;
  }

  /** The protocol of the peer by its first four bytes; null for Kafka. */
  static @Nullable ProtocolDetection recognise(ByteBuf in, int at) {
    if (in.getByte(at) == 0x16 && in.getByte(at + 1) == 0x03) {
      return TLS;
    }
    return METHODS.contains(in.toString(at, NEEDED, StandardCharsets.US_ASCII)) ? HTTP : null;
  }

  CloseReason reason() {
    return reason;
  }

  /** The answer that tells such a client what is wrong. The caller owns it. */
  ByteBuf answer() {
    return Unpooled.wrappedBuffer(this == TLS ? ALERT : HTTP_ANSWER);
  }

  private static byte[] httpAnswer() {
    String body = "This port speaks the Kafka protocol, not HTTP.\n";
    return ("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: "
            + body.length()
            + "\r\nConnection: close\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
