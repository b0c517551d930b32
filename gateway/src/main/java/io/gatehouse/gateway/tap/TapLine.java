package io.gatehouse.gateway.tap;

import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.MessageSchema;
import io.gatehouse.wire.schema.Schemas;
import io.gatehouse.wire.tree.FrameJson;
import io.gatehouse.wire.tree.Headers;
import io.gatehouse.wire.tree.TreeReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Renders a tapped frame as a line of JSON. */
final class TapLine {

  /** Limit of a body's JSON. */
  private static final int MAX_JSON_CHARS = 32 << 10;

  /** Limit of a text that a client sets, such as its id. */
  private static final int MAX_TEXT_CHARS = 300;

  private final StringBuilder out = new StringBuilder(400);

  private TapLine() {}

  /**
   * @param bodies whether bodies are to be shown
   * @param body the frame without its length; null if it was not copied
   */
  static String of(TapFrame frame, boolean bodies, byte @Nullable [] body) {
    TapLine line = new TapLine();
    boolean request = frame.isRequest();
    line.text("time", Instant.ofEpochMilli(frame.millis()).toString());
    line.text("direction", request ? "request" : "response");
    line.peer(frame.peer());
    int apiKey = frame.request().apiKey();
    String name = Schemas.get().apiName(apiKey);
    line.text("api", name == null ? "unknown" : name);
    line.raw("apiKey", Integer.toString(apiKey));
    line.raw("version", Integer.toString(frame.request().version()));
    line.raw("correlationId", Integer.toString(frame.request().correlationId()));
    line.raw("bytes", Integer.toString(frame.bytes()));
    if (!request) {
      line.raw("latencyMs", String.format(Locale.ROOT, "%.3f", frame.latencyNanos() / 1e6));
    }
    if (frame.broker() != null) {
      line.text("broker", frame.broker().toString());
    }
    if (bodies) {
      line.body(frame, request, body);
    }
    return line.end();
  }

  /** A line with the number of frames that match and were omitted. */
  static String omissions(long dropped, long overRate) {
    TapLine line = new TapLine();
    line.text("time", Instant.now().toString());
    line.raw("dropped", Long.toString(dropped));
    line.raw("overRate", Long.toString(overRate));
    return line.end();
  }

  private void peer(TapFrame.Peer peer) {
    InetSocketAddress address = peer.address();
    text("listener", peer.listener());
    text(
        "client",
        new HostPort(address.getAddress().getHostAddress(), address.getPort()).toString());
    if (peer.clientId() != null) {
      text("clientId", peer.clientId());
    }
    if (peer.principal() != null) {
      text("principal", peer.principal());
    }
  }

  private void body(TapFrame frame, boolean request, byte @Nullable [] body) {
    int bytes = frame.bytes() - Integer.BYTES;
    TapFrame.Request asked = frame.request();
    Schemas schemas = Schemas.get();
    MessageSchema schema =
        request ? schemas.request(asked.apiKey()) : schemas.response(asked.apiKey());
    if (body == null) {
      boolean large = bytes > Tap.MAX_BODY_BYTES;
      text(
          "body",
          "not shown: " + bytes + " bytes" + (large ? "" : ", which arrived in several reads"));
    } else if (schema == null || !schemas.knows(asked.apiKey(), asked.version())) {
      text("body", "not shown: " + bytes + " bytes of an unknown api or version");
    } else {
      try {
        raw("body", json(schema, asked, request, Unpooled.wrappedBuffer(body)));
      } catch (MalformedMessage e) {
        text("body", "not shown: malformed, " + e.getMessage());
      }
    }
  }

  private static String json(
      MessageSchema schema, TapFrame.Request asked, boolean request, ByteBuf in) {
    var _ =
        request
            ? Headers.readRequest(in)
            : Headers.readResponse(asked.apiKey(), asked.version(), in);
    return FrameJson.render(
        TreeReader.readWhole(schema.layout(asked.version()), in), MAX_JSON_CHARS);
  }

  private void text(String name, String text) {
    raw(name, FrameJson.text(text, MAX_TEXT_CHARS));
  }

  private void raw(String name, String json) {
    out.append(out.isEmpty() ? '{' : ',').append('"').append(name).append("\":").append(json);
  }

  private String end() {
    return out.append('}').toString();
  }
}
