/**
 * How the gateway authenticates at brokers: an account keeps its credentials fresh, and each
 * connection has one exchange. The packages below implement kinds of accounts and depend on this
 * one; {@code kafka} creates any of them from a Java client's properties.
 */
@NullMarked
package io.gatehouse.auth.login;

import org.jspecify.annotations.NullMarked;
