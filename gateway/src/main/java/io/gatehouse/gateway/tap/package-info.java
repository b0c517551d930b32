/**
 * Taps: show operators requests and responses of selected clients while they are forwarded.
 *
 * <p>{@link io.gatehouse.gateway.tap.Taps} holds the open taps; sessions check a single field per
 * frame when there is none. Event loops only match, count and copy frames into a bounded {@link
 * io.gatehouse.gateway.tap.Tap}; its reader renders the lines on its own thread.
 */
@NullMarked
package io.gatehouse.gateway.tap;

import org.jspecify.annotations.NullMarked;
