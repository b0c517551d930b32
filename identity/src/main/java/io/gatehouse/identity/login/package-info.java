/**
 * How the gateway proves who it is to brokers: an account made from a Java client's properties,
 * whose credentials are kept fresh, and one exchange per connection. Kafka's own providers do the
 * work, so whatever works in a Java client works here, callback handlers on the class path
 * included; what a Java client cannot do stands in {@code aws} and {@code token}.
 */
@NullMarked
package io.gatehouse.identity.login;

import org.jspecify.annotations.NullMarked;
