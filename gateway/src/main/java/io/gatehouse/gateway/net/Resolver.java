package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.Security;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Resolves names as the system does (hosts file, search domains, the JDK's cache), on a virtual
 * thread, since the system call blocks.
 */
public final class Resolver {

  /** Asks the system. */
  @FunctionalInterface
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final Lookup lookup;

  public Resolver() {
    this(InetAddress::getAllByName);
  }

  Resolver(Lookup lookup) {
    this.lookup = lookup;
  }

  /**
   * Has the JDK keep addresses for a second only, so that a broker whose name has moved is found at
   * once; while the name service does not answer, what it said last holds for ten minutes. Names
   * that do not exist are asked for again after a second too. What was set on the command line
   * stays. Only the first lookup of the process reads this, so it is to be called before.
   */
  public static void keepAddressesBriefly() {
    keep("ttl", "1");
    keep("negative.ttl", "1");
    keep("stale.ttl", "600");
  }

  private static void keep(String what, String seconds) {
    String given = System.getProperty("sun.net.inetaddr." + what);
    Security.setProperty("networkaddress.cache." + what, given == null ? seconds : given);
  }

  /**
   * All addresses of a name, in the system's order but with both families by turns (RFC 8305,
   * section 4); the future completes on {@code executor}.
   */
  Future<List<InetSocketAddress>> resolve(HostPort target, EventExecutor executor) {
    Promise<List<InetSocketAddress>> promise = executor.newPromise();
    if (isLiteral(target.host())) {
      complete(promise, target);
    } else {
      Thread.ofVirtual().name("resolve-" + target.host()).start(() -> complete(promise, target));
    }
    return promise;
  }

  private void complete(Promise<List<InetSocketAddress>> promise, HostPort target) {
    try {
      List<InetSocketAddress> addresses = new ArrayList<>();
      for (InetAddress address : lookup.addresses(target.host())) {
        addresses.add(new InetSocketAddress(address, target.port()));
      }
      promise.trySuccess(byTurns(addresses));
    } catch (UnknownHostException e) {
      String reason = String.valueOf(e.getMessage()).replace(target.host() + ": ", "");
      UnknownHostException named =
          new UnknownHostException(
              "the name " + target.host() + " cannot be resolved (" + reason + ")");
      named.initCause(e);
      promise.tryFailure(named);
    }
  }

  private static List<InetSocketAddress> byTurns(List<InetSocketAddress> addresses) {
    Queue<InetSocketAddress> first = new ArrayDeque<>();
    Queue<InetSocketAddress> second = new ArrayDeque<>();
    for (InetSocketAddress address : addresses) {
      boolean alike =
          address.getAddress().getClass().equals(addresses.getFirst().getAddress().getClass());
      (alike ? first : second).add(address);
    }
    List<InetSocketAddress> ordered = new ArrayList<>(addresses.size());
    while (!first.isEmpty() || !second.isEmpty()) {
      for (Queue<InetSocketAddress> family : List.of(first, second)) {
        if (!family.isEmpty()) {
          ordered.add(family.remove());
        }
      }
    }
    return ordered;
  }

  /** Whether no name service need be asked. */
  static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }
}
