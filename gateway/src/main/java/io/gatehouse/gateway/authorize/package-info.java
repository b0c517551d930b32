/**
 * What clients with access rules may do: requests for the rules themselves are answered here.
 *
 * <p>{@link io.gatehouse.gateway.authorize.AclRequests} answers Kafka's admin clients that list and
 * change rules, as Kafka's brokers do it.
 */
@NullMarked
package io.gatehouse.gateway.authorize;

import org.jspecify.annotations.NullMarked;
