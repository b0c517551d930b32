/** Tests of access rules against what Kafka's brokers do. */
@NullMarked
package io.gatehouse.gateway.authorize;

import org.jspecify.annotations.NullMarked;
