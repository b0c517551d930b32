/**
 * Measures the cost of the gateway with real load, compared with direct connections and with a
 * plain relay.
 *
 * <p>{@link io.gatehouse.bench.EndToEnd} starts a broker and the relays in separate processes, and
 * uses the same clients with each in turn. The main figure is the CPU time of the relay's process,
 * because it hardly depends on other load of the machine. Throughput and latency are reported as
 * well. {@code io.gatehouse.bench.micro} measures single steps with JMH.
 */
@NullMarked
package io.gatehouse.bench;

import org.jspecify.annotations.NullMarked;
