/**
 * What sessions share about SASL: the limits on login attempts, and the reading of logins that
 * brokers decide. The exchanges themselves are in {@link io.gatehouse.auth.sasl}.
 */
@NullMarked
package io.gatehouse.gateway.sasl;

import org.jspecify.annotations.NullMarked;
