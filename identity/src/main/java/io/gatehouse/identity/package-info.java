/**
 * Who proves what to whom: clients to the gateway ({@code sasl}), the gateway to brokers ({@code
 * login}), and both over TLS ({@code tls}). What passes between connections and these rooms are
 * tokens and outcomes; nothing here knows frames, sessions or event loops. Work that may block is
 * called on virtual threads.
 */
@NullMarked
package io.gatehouse.identity;

import org.jspecify.annotations.NullMarked;
