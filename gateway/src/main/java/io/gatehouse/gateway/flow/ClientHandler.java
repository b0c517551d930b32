package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.tls.TlsContext;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Objects;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Applies the connection limits, creates the session of a client's connection and passes the
 * channel's events to it.
 */
public final class ClientHandler extends ChannelInboundHandlerAdapter {

  private final Services services;
  private final ListenerBinding binding;
  private final Loop loop;
  private final Predicate<InetAddress> balancers;
  private @Nullable Session session;

  /**
   * Whether the client has passed all stages and, if the gateway authenticates clients, has
   * authenticated.
   */
  private boolean known;

  /**
   * @param balancers matches peers that are load balancers and report their clients' addresses
   */
  public ClientHandler(
      Services services, ListenerBinding binding, Loop loop, Predicate<InetAddress> balancers) {
    this.services = services;
    this.binding = binding;
    this.loop = loop;
    this.balancers = balancers;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    SocketChannel channel = (SocketChannel) context.channel();
    if (channel.remoteAddress() == null) {
      channel.close(); // closed before it was registered
      return;
    }
    InetAddress peer = channel.remoteAddress().getAddress();
    InetAddress counted = balancers.test(peer) ? null : peer;
    CloseReason refusal = services.shared().connections().enter(counted);
    if (refusal != null) {
      loop.metrics().refused(refusal);
      services
          .shared()
          .log()
          .ended(refusal, binding.listener() + " " + channel.remoteAddress(), "", loop.readClock());
      channel.close();
      return;
    }
    loop.metrics().accepted();
    session = new Session(services, binding, loop, channel, counted);
    loop.add(session);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (session == null) {
      ((ByteBuf) message).release();
    } else {
      session.onClientBytes((ByteBuf) message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (session != null) {
      session.onEventEnd();
      if (!known && session.state() != Session.State.WAITING) {
        known = true;
        Sockets.useLargeReads((SocketChannel) context.channel(), loop);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (session != null && context.channel().isWritable()) {
      session.onEventEnd();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (session == null) {
      return;
    }
    switch (event) {
      case ChannelInputShutdownEvent _ -> session.onClientInputEnded();
      case StageEvent stage -> session.clientContext().onStageEvent(stage);
      case SslHandshakeCompletionEvent shaken when shaken.isSuccess() -> {
        SslHandler tls = Objects.requireNonNull(context.pipeline().get(SslHandler.class));
        session
            .clientContext()
            .onTlsHandshake(
                TlsContext.peer(tls), TlsContext.certificateCheck(context.channel(), tls));
      }
      case SslHandshakeCompletionEvent shaken ->
          session.clientContext().onTlsFailure(shaken.cause());
      case SniCompletionEvent named when !named.isSuccess() ->
          session
              .clientContext()
              .onTlsFailure(
                  named.cause() instanceof SslHandshakeTimeoutException late
                      ? new SSLException("no ClientHello in time", late)
                      : named.cause());
      default -> {}
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (session != null) {
      session.onClientClosed(false);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (session == null) {
      context.close();
      return;
    }
    switch (cause) {
      case IOException _ -> session.onClientClosed(true);
      // A failed handshake was reported before; later failures are broken records.
      case DecoderException broken ->
          session
              .clientContext()
              .onTlsFailure(broken.getCause() == null ? broken : broken.getCause());
      default -> session.onInternalError(cause);
    }
  }
}
