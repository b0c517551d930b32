/**
 * Code that runs in the brokers of tests. It is packed into a separate jar at the end of their
 * class path, so it may use only the JDK and kafka-clients. It contains a principal builder that
 * records principals, and the server side of the mechanism {@code AWS_MSK_IAM}, which Kafka does
 * not include.
 */
@NullMarked
package io.gatehouse.testkit.broker;

import org.jspecify.annotations.NullMarked;
