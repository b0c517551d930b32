package io.gatehouse.gateway.plan;

import io.gatehouse.auth.User;

/**
 * The client that sends requests, as far as plans and their steps depend on it. Compared by value.
 *
 * @param mechanism how the user was authenticated: a SASL mechanism, {@code SSL}, or {@code NONE}
 * @param listener the name of the listener that the client connected to
 */
public record Caller(User user, String mechanism, String listener) {}
