/**
 * The Kafka protocol as bytes: what messages look like ({@code schema}), how to find fields in them
 * as they pass ({@code walk}), how to change them whole ({@code tree}) and what the record sets in
 * them hold ({@code records}). Knows Netty's {@code ByteBuf} and nothing else of Gatehouse.
 *
 * <p>Who owns a buffer, here and in every module above:
 *
 * <ol>
 *   <li>A method that <em>takes</em> a buffer ({@code take}, {@code toBroker}, {@code toClient})
 *       owns it from then on and must release it or hand it on, on every path, errors included.
 *   <li>A method that <em>looks at</em> a buffer (walker, tree reader, rewrites) never releases it,
 *       never keeps it, and reads by index or from a slice, so that the caller's indexes stay.
 *   <li>A method that <em>returns</em> a new buffer gives it to its caller.
 *   <li>Part of a buffer that goes elsewhere goes as a retained slice; the parent is released by
 *       its owner all the same.
 *   <li>Only the owner of the last look writes into received bytes, and only in place (the walker's
 *       neutralising), before they are handed on.
 *   <li>What is kept across events is copied if it is short and a slice would pin a large buffer.
 * </ol>
 */
@NullMarked
package io.gatehouse.wire;

import org.jspecify.annotations.NullMarked;
