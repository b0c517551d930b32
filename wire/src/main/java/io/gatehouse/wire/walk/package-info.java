/**
 * Finds fields in a message as its bytes pass, without decoding it, and says how it reads when
 * edited.
 *
 * <p>A {@link io.gatehouse.wire.walk.Program} is a {@link io.gatehouse.wire.schema.Layout} compiled
 * for a set of field kinds and an {@link io.gatehouse.wire.walk.Outline} of arrays and structs; a
 * {@link io.gatehouse.wire.walk.Walker} runs it over chunks of any size and stops at each; {@link
 * io.gatehouse.wire.walk.Edits} collects what is replaced, dropped and inserted there.
 */
@NullMarked
package io.gatehouse.wire.walk;

import org.jspecify.annotations.NullMarked;
