/**
 * Error responses to requests that are not forwarded, written from the definitions alone.
 *
 * <p>{@link io.gatehouse.wire.refuse.ErrorResponse} walks over a request's bytes and writes the
 * response's bytes: the keys (topics, partitions, groups, resources) are copied, each error code is
 * set, all else has its default. Which part of a request answers which part of a response follows
 * from the names and types of both layouts ({@code ResponseCompiler}); {@code SpecialCases} lists
 * the few exceptions. No object is made for what a client sizes, and both the work and the answer
 * are bounded.
 */
@NullMarked
package io.gatehouse.wire.refuse;

import org.jspecify.annotations.NullMarked;
