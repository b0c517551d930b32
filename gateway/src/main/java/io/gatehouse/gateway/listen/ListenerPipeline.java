package io.gatehouse.gateway.listen;

import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.flow.ClientHandler;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.gateway.flow.Services;
import io.gatehouse.gateway.net.Acceptor;
import io.gatehouse.gateway.net.Loop;
import io.gatehouse.gateway.net.Sockets;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds the pipeline of an accepted connection: the stages before its first Kafka request, by the
 * settings in force when it is accepted.
 */
public final class ListenerPipeline implements Acceptor.ConnectionHandler {

  private final Services services;
  private final Supplier<Route> route;
  private final @Nullable ServerNames names;

  /** The listener and target of a connection when it is accepted. */
  private record Route(ListenerConfig config, Target target, AddressBook addresses) {}

  private ListenerPipeline(Services services, Supplier<Route> route, @Nullable ServerNames names) {
    this.services = services;
    this.route = route;
    this.names = names;
  }

  /** A port with one target. */
  public static ListenerPipeline to(
      Target target, AddressBook addresses, Supplier<ListenerConfig> config, Services services) {
    return new ListenerPipeline(services, () -> new Route(config.get(), target, addresses), null);
  }

  /**
   * A port with SNI routing. Until the name is known a connection belongs to the first listener.
   */
  public static ListenerPipeline byName(ServerNames names, Services services) {
    return new ListenerPipeline(
        services,
        () -> {
          ServerNames.Group first = names.first();
          return new Route(first.config().get(), first.names().bootstrapTarget(), first.names());
        },
        names);
  }

  @Override
  public void accept(Loop loop, SocketChannel channel) {
    Route at = route.get();
    ListenerConfig now = at.config;
    Entry entry = now.settings().entry();
    ListenerBinding binding = now.bind(at.target, at.addresses);
    ChannelPipeline stages = channel.pipeline();
    if (entry.proxyHeader().mode() != ProxyHeader.Mode.OFF) {
      stages.addLast(new ProxyHeaderStage(entry.proxyHeader()));
    }
    if (now.tls() != null) {
      stages.addLast(new AlertDelivery());
      stages.addLast(names == null ? now.tls().accepting(channel) : new ServerNameStage(names));
    }
    if (entry.handshake() != null && now.handshakes() != null) {
      stages.addLast(
          new HandshakeStage(
              entry.handshake(),
              now.handshakes(),
              binding.listener(),
              entry.proxyHeader()::isTrusted,
              services.shared()));
    }
    if (stages.first() != null || binding.authentication() instanceof Authentication.Sasl) {
      Sockets.useFirstReads(channel, loop); // until the client is authenticated
    }
    stages.addLast(new ClientHandler(services, binding, loop, entry.proxyHeader()::isTrusted));
  }
}
