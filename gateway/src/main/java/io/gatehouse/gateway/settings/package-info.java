/**
 * The data plane's settings, as immutable values that are validated when they are created.
 *
 * <p>The application reads configuration from files, variables and flags and builds {@link
 * io.gatehouse.gateway.settings.GatewaySettings} from it.
 */
@NullMarked
package io.gatehouse.gateway.settings;

import org.jspecify.annotations.NullMarked;
