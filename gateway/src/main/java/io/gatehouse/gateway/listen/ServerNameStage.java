package io.gatehouse.gateway.listen;

import io.gatehouse.auth.sasl.ClientText;
import io.gatehouse.gateway.flow.StageEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server name in the TLS ClientHello (SNI, RFC 6066 §3), and replaces itself by the TLS
 * handler of the listener with that name.
 */
final class ServerNameStage extends AbstractSniHandler<ServerNames.Match> {

  private static final int HANDSHAKE_MILLIS = 15_000;

  /** Limit in bytes; a ClientHello with several post-quantum key shares has a few KiB. */
  private static final int MAX_HELLO_BYTES = 16 << 10;

  private static final byte UNRECOGNIZED_NAME = 112;

  /** The alert for a ClientHello without a required name (RFC 8446 section 9.2). */
  private static final byte MISSING_EXTENSION = 109;

  /** The content type of a TLS handshake record. */
  private static final byte HANDSHAKE = 0x16;

  private final ServerNames names;
  private boolean started;
  private boolean plaintext;

  ServerNameStage(ServerNames names) {
    super(MAX_HELLO_BYTES, HANDSHAKE_MILLIS);
    this.names = names;
  }

  /** Detects plaintext first, which the superclass treats as a ClientHello without a name. */
  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (!started && in.isReadable()) {
      started = true;
      plaintext = in.getByte(in.readerIndex()) != HANDSHAKE;
      if (plaintext) {
        context.fireUserEventTriggered(
            new SslHandshakeCompletionEvent(new NotSslRecordException("no TLS handshake")));
      }
    }
    if (plaintext) {
      in.skipBytes(in.readableBytes());
    } else {
      super.decode(context, in, out);
    }
  }

  @Override
  protected Future<ServerNames.Match> lookup(ChannelHandlerContext context, @Nullable String host) {
    ServerNames.Match match = names.match(host);
    return match == null
        ? context.executor().newFailedFuture(new UnknownName(host))
        : context.executor().newSucceededFuture(match);
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext context, @Nullable String host, Future<ServerNames.Match> looked) {
    if (!looked.isSuccess()) {
      context.writeAndFlush(alert(host == null ? MISSING_EXTENSION : UNRECOGNIZED_NAME));
      context.fireUserEventTriggered(
          host == null
              ? new StageEvent.MissingServerName()
              : new StageEvent.UnknownServerName(ClientText.shown(host)));
      return;
    }
    ServerNames.Match match = looked.getNow();
    context.fireUserEventTriggered(new StageEvent.BindingFound(match.binding()));
    context.pipeline().replace(this, null, match.tls().accepting(context.channel()));
  }

  /** A fatal alert in a TLS 1.2 record, which clients of all versions read. */
  private static ByteBuf alert(byte description) {
    return Unpooled.wrappedBuffer(new byte[] {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, description});
  }

  private static final class UnknownName extends Exception {
    private static final long serialVersionUID = 1;

    UnknownName(@Nullable String host) {
      super(String.valueOf(host), null, false, false);
    }
  }
}
