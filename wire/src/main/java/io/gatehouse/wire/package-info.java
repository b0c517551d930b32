/**
 * The Kafka protocol as bytes: the layout of messages ({@code schema}), finding fields in them as
 * they pass ({@code walk}), changing whole messages ({@code tree}), record sets ({@code records})
 * and error responses ({@code refuse}). Uses Netty's {@code ByteBuf} and nothing else of Gatehouse.
 *
 * <p>Ownership of buffers, here and in every module above:
 *
 * <ol>
 *   <li>A method that <em>takes</em> a buffer ({@code take}, {@code toBroker}, {@code toClient})
 *       becomes its owner and must release it or pass it on, on every path, including errors.
 *   <li>A method that <em>reads</em> a buffer (walker, tree reader, rewrites) neither releases nor
 *       keeps it, and reads by index or from a slice, so that the caller's indexes do not change.
 *   <li>A method that <em>returns</em> a new buffer makes its caller the owner.
 *   <li>A part of a buffer is passed on as a retained slice; the owner releases the parent as
 *       usual.
 *   <li>Only the last reader writes into received bytes, and only in place (the walker's
 *       neutralising), before they are passed on.
 *   <li>Short data that is kept across events is copied if a slice would keep a large buffer alive.
 * </ol>
 */
@NullMarked
package io.gatehouse.wire;

import org.jspecify.annotations.NullMarked;
