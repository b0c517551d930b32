/**
 * What the gateway costs: real load through it, and through a plain relay, against none at all.
 *
 * <p>{@link io.gatehouse.bench.EndToEnd} starts a broker, the relays as processes of their own, and
 * drives each with the same clients by turns. The figure that counts is the processor time of the
 * relay's process, because it holds on a busy machine; throughput and latency are shown beside it.
 * {@code io.gatehouse.bench.micro} measures single steps with JMH.
 */
@NullMarked
package io.gatehouse.bench;

import org.jspecify.annotations.NullMarked;
