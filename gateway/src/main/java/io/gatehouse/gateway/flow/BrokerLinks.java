package io.gatehouse.gateway.flow;

import io.gatehouse.gateway.cluster.Connection;
import io.gatehouse.gateway.metrics.BrokerMetrics;
import io.gatehouse.gateway.settings.HostPort;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session's connections to brokers. Requests go to the first one, to the broker that the client
 * came for, unless a step names another; that one is connected to when it is first named.
 */
final class BrokerLinks {

  /** More brokers than one client's requests can sensibly be spread over. */
  private static final int MOST = 64;

  private final Session session;
  private final List<BrokerLink> links = new ArrayList<>(1);

  /** How the broker was connected to that the client came for. */
  private @Nullable BrokerConnect first;

  /** The connection that is being made; requests wait for one at a time. */
  private @Nullable BrokerConnect connecting;

  /** How many brokers are gone of whose answers some wait. */
  private int gone;

  BrokerLinks(Session session) {
    this.session = session;
  }

  /** The connection to the broker that the client came for; null until it stands. */
  @Nullable BrokerLink main() {
    return links.isEmpty() ? null : links.getFirst();
  }

  /** The counters of the broker that the client came for. */
  BrokerMetrics metrics() {
    BrokerLink main = main();
    return main == null ? session.loop().metrics().broker("") : main.metrics();
  }

  /** The connection to a broker, or null if there is none yet. */
  @Nullable BrokerLink to(HostPort broker) {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).broker().equals(broker) && !links.get(i).isGone()) {
        return links.get(i);
      }
    }
    return null;
  }

  /**
   * Connects to a broker.
   *
   * @param broker null for the one that the client came for
   * @return false if there are too many already
   */
  boolean connect(@Nullable HostPort broker) {
    if (links.size() >= MOST) {
      return false;
    }
    connecting = new BrokerConnect(session, broker);
    first = broker == null ? connecting : first;
    connecting.begin(session.client().channel().localAddress());
    return true;
  }

  /** A connection stands. */
  BrokerLink add(Connection connection) {
    BrokerLink link = new BrokerLink(session, connection);
    links.add(link);
    link.attach(connection.sessionMillis());
    link.introduce();
    return link;
  }

  /** A broker is gone; says whether this was not known. */
  boolean onGone(BrokerLink link) {
    if (!links.contains(link) || link.isGone()) {
      return false;
    }
    link.onGone();
    gone++;
    return true;
  }

  /**
   * Lets go of brokers that are gone, once all that they sent went on.
   *
   * @return false if one of them is missed, and so the session ends: the one that the client came
   *     for, or one that owes it an answer
   */
  boolean letGo() {
    for (int i = links.size() - 1; gone > 0 && i >= 0; i--) {
      BrokerLink link = links.get(i);
      if (link.isGone() && !link.responses().isPaused()) {
        if (i == 0 || session.inFlight().isAwaited(link)) {
          session.onBrokerMissed();
          return false;
        }
        gone--;
        links.remove(i);
        link.close();
        session.inFlight().forget(link);
        session.answers().sendDue();
      }
    }
    return true;
  }

  /** Whether another broker was connected to than the client came for, as is known by now. */
  boolean isMisplaced() {
    BrokerLink main = main();
    return first != null && main != null && first.isMisplaced(main.broker());
  }

  /** Whether requests must wait for the gateway's own login at a broker. */
  boolean isLoginRenewed() {
    for (int i = 0; i < links.size(); i++) {
      if (links.get(i).isLoginRenewed()) {
        return true;
      }
    }
    return false;
  }

  /** Whether all of them take more. */
  boolean areWritable() {
    for (int i = 0; i < links.size(); i++) {
      if (!links.get(i).isWritable()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Begins logins anew that are due, and sends what was written; says whether there was anything.
   */
  boolean flush() {
    boolean any = false;
    for (int i = 0; i < links.size(); i++) {
      any |= links.get(i).flush();
    }
    return any;
  }

  /** Reads from those whose answers the client takes now. */
  void read(boolean clientTakes) {
    for (int i = 0; i < links.size(); i++) {
      links.get(i).read(clientTakes);
    }
  }

  /** An event is over; says whether answers wait for the next turn. */
  boolean endTurn() {
    boolean left = false;
    for (int i = 0; i < links.size(); i++) {
      left |= links.get(i).endTurn();
    }
    return left;
  }

  /** Goes on with answers that waited for their turn. */
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

  /** Ends them all. */
  void close() {
    if (connecting != null) {
      connecting.cancel();
    }
    List<BrokerLink> all = List.copyOf(links);
    links.clear();
    gone = 0;
    all.forEach(BrokerLink::close);
  }
}
