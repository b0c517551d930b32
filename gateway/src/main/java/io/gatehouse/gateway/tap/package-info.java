/**
 * Taps: requests and responses of some clients shown to an operator while they pass.
 *
 * <p>{@link io.gatehouse.gateway.tap.Taps} holds those that are open; sessions look at one field
 * per frame to learn that there is none. Event loops only match, count and copy into a {@link
 * io.gatehouse.gateway.tap.Tap}, within bounds; its reader renders the lines on its own thread.
 */
@NullMarked
package io.gatehouse.gateway.tap;

import org.jspecify.annotations.NullMarked;
