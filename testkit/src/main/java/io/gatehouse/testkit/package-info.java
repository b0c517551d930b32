/**
 * Peers for tests, demo and bench: real Kafka clusters as processes of their own, which a test may
 * kill, pause and start again ({@link io.gatehouse.testkit.KafkaCluster}); Kafka's own command-line
 * tools ({@link io.gatehouse.testkit.KafkaTools}); and two plain-socket peers for what a
 * well-behaved client or broker never does ({@link io.gatehouse.testkit.RawClient}, {@link
 * io.gatehouse.testkit.FakeBroker}). A cluster has secured listeners of every kind ({@link
 * io.gatehouse.testkit.Listener}); what they need beside it is in the packages below: certificates,
 * tokens, Kerberos, LDAP, AWS. Everything binds loopback, every wait has a deadline, and nothing
 * started here outlives the JVM that started it.
 */
@NullMarked
package io.gatehouse.testkit;

import org.jspecify.annotations.NullMarked;
