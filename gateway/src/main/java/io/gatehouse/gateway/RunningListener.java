package io.gatehouse.gateway;

import io.gatehouse.gateway.cluster.AddressBook;
import io.gatehouse.gateway.cluster.Ports;
import io.gatehouse.gateway.cluster.Routes;
import io.gatehouse.gateway.cluster.SniNames;
import io.gatehouse.gateway.cluster.Target;
import io.gatehouse.gateway.flow.ListenerBinding;
import io.gatehouse.gateway.flow.Services;
import io.gatehouse.gateway.listen.ListenerConfig;
import io.gatehouse.gateway.listen.ListenerPipeline;
import io.gatehouse.gateway.listen.ServerNames;
import io.gatehouse.gateway.net.InheritedSockets;
import io.gatehouse.gateway.net.ListeningSocket;
import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.settings.HostPort;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A listener with its ports. Changed security settings apply to it in place; changed routing or
 * another cluster makes a new listener.
 */
final class RunningListener implements Ports {

  private final ListeningPorts sockets;
  private final InheritedSockets inherited;
  private final Services services;
  private final List<Runnable> closeActions = new CopyOnWriteArrayList<>();
  private volatile ListenerConfig config;
  private volatile @Nullable AddressBook addressBook;
  private volatile boolean closed;
  private @Nullable HostPort bootstrap;

  RunningListener(
      ListenerConfig config,
      ListeningPorts sockets,
      InheritedSockets inherited,
      Services services) {
    this.config = config;
    this.sockets = sockets;
    this.inherited = inherited;
    this.services = services;
  }

  /** Opens the ports, except the one for SNI routing, which several listeners may share. */
  void start() throws IOException {
    bootstrap = Routes.open(config.settings(), config.upstream().cluster(), this);
  }

  /** The addresses that other gateway nodes may tell their clients. */
  Advertised published() {
    AddressBook book = addressBook;
    return book == null ? Advertised.none() : book.published();
  }

  ListenerConfig config() {
    return config;
  }

  /** Replaces the configuration of connections accepted from now on. */
  void replace(ListenerConfig other) {
    config = other;
  }

  HostPort bootstrap() {
    return java.util.Objects.requireNonNull(bootstrap);
  }

  void setBootstrapPort(int port) {
    bootstrap = bootstrap().withPort(port);
  }

  /** The server names of this listener, or null without SNI routing. */
  ServerNames.@Nullable Group names() {
    return addressBook instanceof SniNames names
        ? new ServerNames.Group(names, this::config)
        : null;
  }

  /** Whether a session of this earlier binding would still be accepted, with the same addresses. */
  boolean keepsSession(ListenerBinding before) {
    return before.addresses().equals(addressBook)
        && config.settings().entry().admitsSameClients(before.settings().entry());
  }

  @Override
  public HostPort open(HostPort address, Target target, AddressBook addresses) throws IOException {
    addressBook = addresses;
    if (addresses instanceof SniNames) {
      return address;
    }
    HostPort opened =
        sockets.open(
            address,
            new ListeningPorts.PortUse(
                this,
                new ListeningSocket.Use(config.settings().name(), target.name()),
                ListenerPipeline.to(target, addresses, this::config, services)));
    if (closed) {
      sockets.closeAllOf(Set.of(this)); // closed concurrently
    }
    return opened;
  }

  @Override
  public Map<Integer, String> inherited() {
    Map<Integer, String> all = new TreeMap<>();
    inherited
        .ofListener(config.settings().name())
        .forEach(one -> all.put(one.address().getPort(), one.use().target()));
    return all;
  }

  @Override
  public boolean release(HostPort address) {
    return sockets.release(address);
  }

  @Override
  public void onClose(Runnable end) {
    closeActions.add(end);
  }

  /** Stops opening ports and runs the close actions. {@link ListeningPorts} closes open ports. */
  void close() {
    closed = true;
    closeActions.forEach(Runnable::run);
  }
}
