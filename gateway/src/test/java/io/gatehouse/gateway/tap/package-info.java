/** Tests of taps without a gateway. */
@NullMarked
package io.gatehouse.gateway.tap;

import org.jspecify.annotations.NullMarked;
