package io.gatehouse.http;

/**
 * A group of related routes. The server is configured with a list of groups.
 *
 * <p>Handlers may block, because each request has a virtual thread, and respond with {@link
 * Responses}. Helidon's value mappers are not loaded (see {@link HelidonSetup}), so read parameters
 * as strings with {@code query().get(name)} and {@code path().pathParameters().get(name)}, not with
 * {@code first(name)}.
 */
@FunctionalInterface
public interface RouteGroup {
  /** Registers the routes. Called once before the server starts. */
  void register(Routes routes);
}
