/**
 * Everything the data plane can be told, as immutable values that were checked when they were made.
 *
 * <p>Where the values come from (a file, variables, flags) is not known here; the application reads
 * those and builds {@link io.gatehouse.gateway.settings.GatewaySettings}. Secrets do not occur yet.
 */
@NullMarked
package io.gatehouse.gateway.settings;

import org.jspecify.annotations.NullMarked;
