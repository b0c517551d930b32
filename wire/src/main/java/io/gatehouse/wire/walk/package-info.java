/**
 * Finds fields in a message as its bytes pass, without decoding it.
 *
 * <p>A {@link io.gatehouse.wire.walk.Program} is a {@link io.gatehouse.wire.schema.Layout} compiled
 * for a set of interesting field kinds; a {@link io.gatehouse.wire.walk.Walker} runs it over chunks
 * of any size and stops at each such field; {@link io.gatehouse.wire.walk.Patches} collects what
 * the caller wants to stand there instead and says what the frame then looks like.
 */
@NullMarked
package io.gatehouse.wire.walk;

import org.jspecify.annotations.NullMarked;
