/**
 * What an operator asks about at three in the morning, counted without locks.
 *
 * <p>Each event loop writes its own plain counters ({@link
 * io.gatehouse.gateway.metrics.LoopMetrics}); a scrape reads and adds them up ({@link
 * io.gatehouse.gateway.metrics.GatewayMetrics}). Label values are api names, versions of known
 * apis, configured brokers and enums of ours, so their number is bounded whatever a peer sends.
 */
@NullMarked
package io.gatehouse.gateway.metrics;

import org.jspecify.annotations.NullMarked;
