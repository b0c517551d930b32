/**
 * Kafka's requests for SCRAM credentials (KIP-554), where the gateway itself keeps the credentials.
 *
 * <p>{@link io.gatehouse.gateway.credentials.CredentialSteps} answers them instead of the brokers,
 * with the {@link io.gatehouse.auth.sasl.scram.ScramUsers} that a store keeps.
 */
@NullMarked
package io.gatehouse.gateway.credentials;

import org.jspecify.annotations.NullMarked;
