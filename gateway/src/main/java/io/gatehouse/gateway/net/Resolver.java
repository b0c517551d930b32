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
 * Resolves host names through the JDK (hosts file, search domains, its cache), on a virtual thread
 * since the system call blocks.
 */
public final class Resolver {

  /** The system's resolver; replaced in tests. */
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
   * Limits the JDK's DNS cache to one second, also for names that do not exist, so that a broker
   * whose address changes is found at once. While DNS does not answer, stale entries are used for
   * ten minutes. Values set on the command line are kept. The JDK reads them at the first lookup of
   * the process, so call this before.
   */
  public static void limitDnsCaching() {
    setCacheTtl("ttl", "1");
    setCacheTtl("negative.ttl", "1");
    setCacheTtl("stale.ttl", "600");
  }

  private static void setCacheTtl(String what, String seconds) {
    String given = System.getProperty("sun.net.inetaddr." + what);
    Security.setProperty("networkaddress.cache." + what, given == null ? seconds : given);
  }

  /**
   * Resolves all addresses of a name, in the system's order but alternating between IPv4 and IPv6
   * (RFC 8305, section 4). The future completes on {@code executor}.
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
      promise.trySuccess(interleaved(addresses));
    } catch (UnknownHostException e) {
      String reason = String.valueOf(e.getMessage()).replace(target.host() + ": ", "");
      UnknownHostException named =
          new UnknownHostException(
              "the name " + target.host() + " cannot be resolved (" + reason + ")");
      named.initCause(e);
      promise.tryFailure(named);
    }
  }

  private static List<InetSocketAddress> interleaved(List<InetSocketAddress> addresses) {
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

  /** Whether the host is an IP literal, which needs no lookup. */
  static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }
}
