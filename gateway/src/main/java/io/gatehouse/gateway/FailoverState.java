package io.gatehouse.gateway;

/**
 * A cluster whose clients can be switched to another one.
 *
 * @param cluster the cluster that listeners name
 * @param failover the cluster that takes its place
 * @param active the one of them that clients are directed to
 */
public record FailoverState(String cluster, String failover, String active) {}
