/**
 * Authentication in both directions: of clients at the gateway ({@code sasl}) and of the gateway at
 * brokers ({@code login}). These packages exchange SASL tokens and outcomes with their callers and
 * know no frames, sessions or event loops. Methods that may block are called on virtual threads.
 */
@NullMarked
package io.gatehouse.auth;

import org.jspecify.annotations.NullMarked;
