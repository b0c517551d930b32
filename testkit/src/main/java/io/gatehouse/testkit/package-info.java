/**
 * Servers and clients for tests, demo and benchmarks: real Kafka clusters in separate processes
 * that a test can kill, pause and restart ({@link io.gatehouse.testkit.KafkaCluster}); Kafka's
 * command-line tools ({@link io.gatehouse.testkit.KafkaTools}); and a client and a broker with
 * plain sockets for protocol violations ({@link io.gatehouse.testkit.RawClient}, {@link
 * io.gatehouse.testkit.FakeBroker}). Clusters can have secured listeners of all kinds ({@link
 * io.gatehouse.testkit.Listener}). The subpackages provide certificates, tokens, Kerberos, LDAP and
 * AWS endpoints. Everything binds to loopback, every wait has a deadline, and no process outlives
 * the JVM that started it.
 */
@NullMarked
package io.gatehouse.testkit;

import org.jspecify.annotations.NullMarked;
