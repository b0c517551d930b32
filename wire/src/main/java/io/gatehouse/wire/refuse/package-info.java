/**
 * Error responses to requests that are not forwarded, derived from the message definitions.
 *
 * <p>{@link io.gatehouse.wire.refuse.ErrorResponse} reads a request's bytes and writes the
 * response's bytes: it copies the keys (topics, partitions, groups, resources), sets each error
 * code, and writes defaults for the rest. {@code ResponseCompiler} derives from names and types of
 * both layouts which part of a request answers which part of a response; {@code SpecialCases} lists
 * the exceptions. No object is allocated per element, and both the work and the response are
 * bounded.
 */
@NullMarked
package io.gatehouse.wire.refuse;

import org.jspecify.annotations.NullMarked;
