/**
 * JMH benchmarks of single steps of the gateway: walking a message, choosing a route, rewriting a
 * small message. The messages are created with Kafka's classes.
 *
 * <p>They include no system calls, which are most of the cost of forwarding; see {@link
 * io.gatehouse.bench.EndToEnd}.
 */
@NullMarked
package io.gatehouse.bench.micro;

import org.jspecify.annotations.NullMarked;
