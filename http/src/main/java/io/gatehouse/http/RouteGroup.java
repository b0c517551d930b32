package io.gatehouse.http;

/**
 * A few routes that belong together: one class per group, and the server is a list of groups.
 *
 * <p>Handlers block as they please (each request has a virtual thread) and answer through {@link
 * Answer}. Helidon's value mappers are not loaded (see {@link LeanHelidon}): read parameters as
 * strings with {@code query().get(name)} and {@code path().pathParameters().get(name)}, not with
 * {@code first(name)}.
 */
@FunctionalInterface
public interface RouteGroup {
  /** Registers the routes; called once, before the server starts. */
  void register(Routes routes);
}
