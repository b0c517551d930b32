package io.gatehouse.gateway.net;

import io.gatehouse.gateway.settings.HostPort;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Resolves names as the system does (hosts file, search domains, the JDK's cache), on a virtual
 * thread, since the system call blocks.
 */
public final class Resolver {

  /** All addresses of a name, in the system's order; the future completes on {@code executor}. */
  public Future<List<InetSocketAddress>> resolve(HostPort target, EventExecutor executor) {
    Promise<List<InetSocketAddress>> promise = executor.newPromise();
    if (isLiteral(target.host())) {
      complete(promise, target);
    } else {
      Thread.ofVirtual().name("resolve-" + target.host()).start(() -> complete(promise, target));
    }
    return promise;
  }

  private static void complete(Promise<List<InetSocketAddress>> promise, HostPort target) {
    try {
      List<InetSocketAddress> addresses = new ArrayList<>();
      for (InetAddress address : InetAddress.getAllByName(target.host())) {
        addresses.add(new InetSocketAddress(address, target.port()));
      }
      promise.trySuccess(addresses);
    } catch (UnknownHostException e) {
      UnknownHostException named =
          new UnknownHostException("the name " + target.host() + " cannot be resolved");
      named.initCause(e);
      promise.tryFailure(named);
    }
  }

  /** Whether no name service need be asked. */
  private static boolean isLiteral(String host) {
    return host.indexOf(':') >= 0 || host.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
  }
}
