/** Taps for themselves. */
@NullMarked
package io.gatehouse.gateway.tap;

import org.jspecify.annotations.NullMarked;
