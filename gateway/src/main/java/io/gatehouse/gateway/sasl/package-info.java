/**
 * SASL state that sessions share: the limits on login attempts, and the inspection of logins that
 * brokers verify. The mechanisms are in {@link io.gatehouse.auth.sasl}.
 */
@NullMarked
package io.gatehouse.gateway.sasl;

import org.jspecify.annotations.NullMarked;
