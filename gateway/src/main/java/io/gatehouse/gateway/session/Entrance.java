package io.gatehouse.gateway.session;

import io.gatehouse.gateway.route.AddressBook;
import io.gatehouse.gateway.route.Target;

/**
 * Where a client came in.
 *
 * @param listener name of the listener, for logs
 * @param target which broker the port stands for
 * @param addresses how brokers are called behind this listener
 */
public record Entrance(String listener, Target target, AddressBook addresses) {}
