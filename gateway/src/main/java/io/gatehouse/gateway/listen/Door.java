package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.session.ClientSide;
import io.gatehouse.gateway.session.Entrance;
import io.gatehouse.gateway.session.Services;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.identity.tls.TlsContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/** A port: the stages that a connection passes before its requests are heard. */
public final class Door implements Acceptor.Accepted {

  private final Services services;
  private final Entrance entrance;
  private final Entry entry;
  private final @Nullable TlsContext tls;
  private final @Nullable ServerNames names;

  private Door(
      Services services,
      Entrance entrance,
      Entry entry,
      @Nullable TlsContext tls,
      @Nullable ServerNames names) {
    this.services = services;
    this.entrance = entrance;
    this.entry = entry;
    this.tls = tls;
    this.names = names;
  }

  /** One target behind the port. */
  public static Door to(
      Entrance entrance, Entry entry, @Nullable TlsContext tls, Services services) {
    return new Door(services, entrance, entry, tls, null);
  }

  /**
   * The name that is asked for decides.
   *
   * @param entrance what a connection counts as until its name is known
   */
  public static Door byName(ServerNames names, Entrance entrance, Entry entry, Services services) {
    return new Door(services, entrance, entry, null, names);
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
              entrance.listener(),
              entry.proxyHeader()::isTrusted,
              services.shared()));
    }
    if (stages.first() != null || entrance.authentication() instanceof Authentication.Sasl) {
      Sockets.readLittle(channel, loop); // until the session knows more of the client
    }
    stages.addLast(new ClientSide(services, entrance, loop, entry.proxyHeader()::isTrusted));
  }
}
