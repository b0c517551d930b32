/** Tests of the limits on login attempts. */
@NullMarked
package io.gatehouse.gateway.sasl;

import org.jspecify.annotations.NullMarked;
