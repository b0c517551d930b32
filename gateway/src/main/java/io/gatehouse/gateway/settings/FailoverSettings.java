package io.gatehouse.gateway.settings;

import org.jspecify.annotations.Nullable;

/**
 * Where clients of a cluster can be directed to instead.
 *
 * @param to name of the other cluster
 * @param topic topic of both clusters that keeps for all gateway nodes where clients are directed
 *     to; null if each node keeps it for itself
 */
public record FailoverSettings(String to, @Nullable String topic) {}
