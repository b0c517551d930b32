/**
 * How the gateway proves who it is to brokers: an account whose credentials are kept fresh, and one
 * exchange per connection. Kinds of accounts stand in packages below, which know this one and not
 * the other way round; {@code kafka} makes any of them from a Java client's properties.
 */
@NullMarked
package io.gatehouse.auth.login;

import org.jspecify.annotations.NullMarked;
