package io.gatehouse.gateway.listen;

import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.token.TokenVerifier;
import io.gatehouse.gateway.flow.Audit;
import io.gatehouse.gateway.flow.Services;
import io.gatehouse.gateway.flow.StageEvent;
import io.gatehouse.gateway.metrics.AuthenticationMetrics;
import io.gatehouse.gateway.sasl.AuthenticationGate;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates another gateway by a token: a magic number (8 bytes), a length (4 bytes) and {@code
 * method NUL token}, accepted with four zero bytes (docs/kafka-proxy.md).
 */
final class HandshakeStage extends ByteToMessageDecoder {

  private static final int HEAD = 12;
  private static final int MAX_BYTES = 64 << 10;

  private static final String MECHANISM = "handshake";

  private final HandshakeExpected expected;
  private final TokenVerifier tokens;
  private final String listener;
  private final Predicate<InetAddress> proxies;
  private final Services.Shared shared;
  private @Nullable InetSocketAddress peer;

  /** Whether the peer is a load balancer that has not sent the other gateway's address. */
  private boolean shares;

  private @Nullable ScheduledFuture<?> deadline;
  private boolean checking;

  /** Whether the handshake was accepted or refused. */
  private boolean decided;

  /**
   * @param listener the listener's name, for metrics
   * @param proxies matches load balancers, whose address stands for many clients
   */
  HandshakeStage(
      HandshakeExpected expected,
      TokenVerifier tokens,
      String listener,
      Predicate<InetAddress> proxies,
      Services.Shared shared) {
    this.expected = expected;
    this.tokens = tokens;
    this.listener = listener;
    this.proxies = proxies;
    this.shared = shared;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (context.channel().remoteAddress() instanceof InetSocketAddress address) {
      peer = address;
      shares = proxies.test(address.getAddress());
    }
    deadline =
        context
            .executor()
            .schedule(
                () -> refuse(context, "no handshake arrived in time"),
                expected.timeout().toMillis(),
                TimeUnit.MILLISECONDS);
    context.fireChannelActive();
  }

  /** Takes the other gateway's address from a PROXY header before the handshake. */
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof StageEvent.ProxiedClient from) {
      peer = from.client();
      shares = false;
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext context) {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (checking) {
      if (in.readableBytes() > MAX_BYTES) {
        refuse(context, "requests arrived before the handshake was complete");
      }
      return;
    }
    if (in.readableBytes() < HEAD) {
      return;
    }
    int at = in.readerIndex();
    int length = in.getInt(at + 8);
    if (in.getLong(at) != expected.magic()) {
      refuse(context, "the magic number does not match");
    } else if (length < 1 || length > MAX_BYTES) {
      refuse(context, "a handshake of " + length + " bytes");
    } else if (in.readableBytes() >= HEAD + length) {
      String payload = in.toString(at + HEAD, length, StandardCharsets.UTF_8);
      in.skipBytes(HEAD + length);
      int end = payload.indexOf(0);
      if (end < 0 || !payload.substring(0, end).equals(expected.method())) {
        refuse(context, "the method does not match");
      } else {
        checking = true;
        check(context, Objects.requireNonNull(peer).getAddress(), payload.substring(end + 1));
      }
    }
  }

  private void check(ChannelHandlerContext context, InetAddress from, String token) {
    AuthenticationGate.Attempt attempt = new AuthenticationGate.Attempt(from, null, shares, false);
    Thread.ofVirtual()
        .name("gateway-handshake")
        .start(() -> {
          try {
            // only its validity matters: the token names no client
            var _ = shared.gate().verify(attempt, () -> tokens.verify(token));
            onLoop(context, () -> admit(context));
          } catch (SaslFailure e) {
            onLoop(context, () -> refuse(context, e.reason().label(), e.getMessage()));
          } catch (RuntimeException | Error e) { // the other gateway waits for an answer
            onLoop(
                context,
                () -> refuse(context, SaslFailure.Reason.UNAVAILABLE.label(), String.valueOf(e)));
          }
        });
  }

  private void admit(ChannelHandlerContext context) {
    if (!decided && !context.isRemoved() && context.channel().isActive()) {
      decided = true;
      audit(AuthenticationMetrics.SUCCESS, null);
      context.writeAndFlush(context.alloc().directBuffer(4).writeInt(0));
      context.pipeline().remove(this);
    }
  }

  private static void onLoop(ChannelHandlerContext context, Runnable task) {
    if (!context.executor().isShuttingDown()) {
      context.executor().execute(task);
    }
  }

  /** Refuses malformed input, which does not count as a failed login. */
  private void refuse(ChannelHandlerContext context, String why) {
    refuse(context, SaslFailure.Reason.MALFORMED.label(), why);
  }

  private void audit(String result, @Nullable String why) {
    InetSocketAddress from = peer;
    if (from != null) {
      shared.audit().login(new Audit.Subject(listener, from, MECHANISM, null, null), result, why);
    }
  }

  private void refuse(ChannelHandlerContext context, String result, @Nullable String why) {
    if (decided) {
      return;
    }
    decided = true;
    audit(result, why); // also if the peer has closed the connection
    if (!context.isRemoved() && context.channel().isActive()) {
      context.fireUserEventTriggered(new StageEvent.BadHandshake(String.valueOf(why)));
    }
  }
}
