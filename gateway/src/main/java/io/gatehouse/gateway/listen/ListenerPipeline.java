package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.session.ClientHandler;
import io.gatehouse.gateway.session.ListenerBinding;
import io.gatehouse.gateway.session.Services;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.tls.TlsContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A port: the stages that a connection passes before its requests are heard. */
public final class ListenerPipeline implements Acceptor.Accepted {

  private final Services services;
  private final ListenerBinding binding;
  private final Entry entry;
  private final @Nullable TlsContext tls;
  private final @Nullable ServerNames names;

  private ListenerPipeline(
      Services services,
      ListenerBinding binding,
      Entry entry,
      @Nullable TlsContext tls,
      @Nullable ServerNames names) {
    this.services = services;
    this.binding = binding;
    this.entry = entry;
    this.tls = tls;
    this.names = names;
  }

  /** One target behind the port. */
  public static ListenerPipeline to(
      ListenerBinding binding, Entry entry, @Nullable TlsContext tls, Services services) {
    return new ListenerPipeline(services, binding, entry, tls, null);
  }

  /**
   * The name that is asked for decides.
   *
   * @param binding what a connection counts as until its name is known
   */
  public static ListenerPipeline byName(
      ServerNames names, ListenerBinding binding, Entry entry, Services services) {
    return new ListenerPipeline(services, binding, entry, null, names);
  }

  @Override
  public void accept(Loop loop, SocketChannel channel) {
    ChannelPipeline stages = channel.pipeline();
    if (entry.proxyHeader().mode() != ProxyHeader.Mode.OFF) {
      stages.addLast(new ProxyHeaderStage(entry.proxyHeader()));
    }
    if (names != null || tls != null) {
      stages.addLast(new AlertDelivery());
    }
    if (names != null) {
      stages.addLast(new ServerNameStage(names));
    } else if (tls != null) {
      stages.addLast(tls.accepting(channel));
    }
    if (entry.handshake() != null) {
      stages.addLast(
          new HandshakeStage(
              entry.handshake(),
              binding.listener(),
              entry.proxyHeader()::isTrusted,
              services.shared()));
    }
    if (stages.first() != null || binding.authentication() instanceof Authentication.Sasl) {
      Sockets.readLittle(channel, loop); // until the session knows more of the client
    }
    stages.addLast(new ClientHandler(services, binding, loop, entry.proxyHeader()::isTrusted));
  }
}
