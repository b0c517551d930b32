/**
 * How this process reaches Kafka for its own purposes: the store, the group of nodes, audit. {@link
 * io.gatehouse.control.kafka.KafkaAccess} has the properties of Java clients, so that their users
 * know nothing of TLS, logins and proxies.
 */
@NullMarked
package io.gatehouse.control.kafka;

import org.jspecify.annotations.NullMarked;
