package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.Connection;
import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.settings.HostPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session's connections to brokers. Requests go to the first one, the broker that the client
 * connected to, unless a step names another broker, to which the session connects when needed.
 */
final class BrokerLinks {

  /** Maximum number of brokers per session. */
  private static final int MAX_LINKS = 64;

  private final Session session;
  private final List<BrokerLink> links = new ArrayList<>(1);

  /** The connection attempt to the broker that the client connected to. */
  private @Nullable BrokerConnect first;

  /** The current connection attempt. Requests wait for one at a time. */
  private @Nullable BrokerConnect connecting;

  /** Number of links whose broker has closed the connection and that are not removed yet. */
  private int closedCount;

  BrokerLinks(Session session) {
    this.session = session;
  }

  /** The link to the broker that the client connected to; null until it is connected. */
  @Nullable BrokerLink main() {
    return links.isEmpty() ? null : links.getFirst();
  }

  /** The metrics of the broker that the client connected to. */
  BrokerMetrics metrics() {
    BrokerLink main = main();
    return main == null ? session.loop().metrics().broker("") : main.metrics();
  }

  /** The link to a broker, or null if there is none. */
  @Nullable BrokerLink find(HostPort broker) {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).broker().equals(broker) && !links.get(i).isClosedByBroker()) {
        return links.get(i);
      }
    }
    return null;
  }

  /**
   * Starts to connect to a broker.
   *
   * @param broker null for the one that the client connected to
   * @return false if the session has too many links
   */
  boolean connect(@Nullable HostPort broker) {
    if (links.size() >= MAX_LINKS) {
      return false;
    }
    connecting = new BrokerConnect(session, broker);
    first = broker == null ? connecting : first;
    connecting.begin(session.client().channel().localAddress());
    return true;
  }

  /** Adds a link for an established connection. */
  BrokerLink add(Connection connection) {
    BrokerLink link = new BrokerLink(session, connection);
    links.add(link);
    link.attach(connection.sessionMillis());
    link.sendClientInformation();
    return link;
  }

  /**
   * A broker has closed its connection.
   *
   * @return false if that was known already
   */
  boolean onClosedByBroker(BrokerLink link) {
    if (!links.contains(link) || link.isClosedByBroker()) {
      return false;
    }
    link.onClosedByBroker();
    closedCount++;
    return true;
  }

  /**
   * Removes links whose broker has closed the connection, once their responses have been forwarded.
   *
   * @return false if the session ends, because the broker is the one that the client connected to
   *     or has not answered all requests
   */
  boolean removeClosed() {
    boolean removed = false;
    for (int i = links.size() - 1; closedCount > 0 && i >= 0; i--) {
      BrokerLink link = links.get(i);
      if (link.isClosedByBroker() && !link.responses().isPaused()) {
        if (i == 0 || session.inFlight().isResponseExpected(link)) {
          session.onBrokerLost();
          return false;
        }
        closedCount--;
        links.remove(i);
        link.close();
        session.inFlight().completeAll(link);
        removed = true;
      }
    }
    if (removed) {
      session.localResponses().sendReady(); // may remove further links, so not within the loop
    }
    return true;
  }

  /**
   * Whether the session is connected to a broker other than the client's target, as is known by
   * now.
   */
  boolean isWrongBroker() {
    BrokerLink main = main();
    return first != null && main != null && first.isWrongBroker(main.broker());
  }

  /** Whether requests must wait for the gateway's re-authentication at a broker. */
  boolean awaitsGatewayLogin() {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).awaitsGatewayLogin()) {
        return true;
      }
    }
    return false;
  }

  /** Whether all links are writable. */
  boolean areWritable() {
    for (int i = 0; i < links.size(); i++) {
      if (!links.get(i).isWritable()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Starts due re-authentications and flushes what was written.
   *
   * @return whether anything was flushed
   */
  boolean flush() {
    boolean any = false;
    for (int i = 0; i < links.size(); i++) {
      any |= links.get(i).flush();
    }
    return any;
  }

  /**
   * Ends the turn, and enables or disables reading on each link.
   *
   * @param clientWritable whether the client accepts more responses
   * @return whether responses wait for the next turn
   */
  boolean endTurn(boolean clientWritable) {
    boolean left = false;
    for (int i = 0; i < links.size(); i++) {
      left |= links.get(i).endTurn(clientWritable);
    }
    return left;
  }

  /** Continues with responses that waited for this turn. */
  void resume() {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).responses().resumeFrom(PauseReason.TURN);
    }
  }

  long heldBytes() {
    long bytes = 0;
    for (int i = 0; i < links.size(); i++) {
      bytes += links.get(i).heldBytes();
    }
    return bytes;
  }

  /** Closes all links and cancels a pending connection attempt. */
  void close() {
    if (connecting != null) {
      connecting.cancel();
    }
    List<BrokerLink> all = List.copyOf(links);
    links.clear();
    closedCount = 0;
    all.forEach(BrokerLink::close);
  }
}
