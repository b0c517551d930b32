/**
 * Single steps of the gateway under JMH: walking a message, deciding what to do with a frame,
 * rewriting one that is small. The messages are made with Kafka's own classes.
 *
 * <p>Nothing here includes a system call, which is most of what forwarding costs; see {@link
 * io.gatehouse.bench.EndToEnd} for the whole.
 */
@NullMarked
package io.gatehouse.bench.micro;

import org.jspecify.annotations.NullMarked;
