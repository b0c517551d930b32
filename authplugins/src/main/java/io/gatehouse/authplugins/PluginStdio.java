package io.gatehouse.authplugins;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Logs what a plugin in Go writes on stdout and stderr after the handshake. go-plugin redirects
 * both inside the plugin, and the host fetches them ({@code plugin.GRPCStdio/StreamStdio}: channel
 * = 1, data = 2). A plugin blocks when its output is not fetched.
 */
final class PluginStdio implements Consumer<ProtobufMessage> {

  static final String METHOD = "/plugin.GRPCStdio/StreamStdio";

  private static final int CHANNEL = 1;
  private static final int DATA = 2;

  /** The unfinished line of each channel. Used by one thread. */
  private final Map<Integer, ByteArrayOutputStream> begun = new HashMap<>();

  private final PluginLog log;

  PluginStdio(PluginLog log) {
    this.log = log;
  }

  @Override
  public void accept(ProtobufMessage piece) {
    // stdout is 1, stderr is 2.
    int channel = Math.clamp(piece.number(CHANNEL), 1, 2);
    ByteArrayOutputStream line = begun.computeIfAbsent(channel, c -> new ByteArrayOutputStream());
    for (byte next : piece.bytes(DATA)) {
      if (next != '\n') {
        line.write(next);
      }
      if (next == '\n' || line.size() == PluginLog.MAX_LINE) {
        log.line(line.toString(UTF_8));
        line.reset();
      }
    }
  }
}
