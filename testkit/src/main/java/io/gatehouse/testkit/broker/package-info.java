/**
 * What runs inside the brokers of tests: it is packed into a jar of its own and put at the end of
 * their class path, so it may use the JDK and kafka-clients and nothing else. A principal builder
 * that writes down who logs in, and the broker's half of the mechanism {@code AWS_MSK_IAM}, which
 * no Kafka release has.
 */
@NullMarked
package io.gatehouse.testkit.broker;

import org.jspecify.annotations.NullMarked;
