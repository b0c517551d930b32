package io.gatehouse.gateway.session;

import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.route.Target;
import io.gatehouse.gateway.route.Upstream;
import io.gatehouse.gateway.settings.Authentication;

/**
 * Where a client came in.
 *
 * @param listener name of the listener, for logs
 * @param upstream the cluster behind it
 * @param target which broker the port, or the name asked for, stands for
 * @param addresses how brokers are called behind this listener
 * @param authentication how the client's principal is found
 */
public record ListenerBinding(
    String listener,
    Upstream upstream,
    Target target,
    AddressBook addresses,
    Authentication authentication) {

  public ListenerBinding with(Target other) {
    return new ListenerBinding(listener, upstream, other, addresses, authentication);
  }
}
