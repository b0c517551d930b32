/**
 * Metrics, counted without locks.
 *
 * <p>Each event loop writes its own counters ({@link io.gatehouse.gateway.metrics.LoopMetrics}); a
 * scrape sums them ({@link io.gatehouse.gateway.metrics.GatewayMetrics}). Label values are api
 * names, versions of known apis, configured brokers and enums, so a peer cannot create an unbounded
 * number of them.
 */
@NullMarked
package io.gatehouse.gateway.metrics;

import org.jspecify.annotations.NullMarked;
