/**
 * Finds fields in a message as its bytes pass, without decoding it, and edits them.
 *
 * <p>A {@link io.gatehouse.wire.walk.Program} is a {@link io.gatehouse.wire.schema.Layout} compiled
 * for a set of field kinds and an {@link io.gatehouse.wire.walk.Outline} of arrays and structs. A
 * {@link io.gatehouse.wire.walk.Walker} runs it over chunks of any size and reports what it finds.
 * {@link io.gatehouse.wire.walk.Edits} collects what is to be replaced, dropped and inserted.
 */
@NullMarked
package io.gatehouse.wire.walk;

import org.jspecify.annotations.NullMarked;
