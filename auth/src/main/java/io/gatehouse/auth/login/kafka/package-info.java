/**
 * Accounts made from a Java client's properties. Kafka's own providers do the work, so that
 * whatever works in a Java client works here, including callback handlers on the class path.
 * Accounts that a Java client does not have are in {@code aws} and {@code token}.
 */
@NullMarked
package io.gatehouse.auth.login.kafka;

import org.jspecify.annotations.NullMarked;
