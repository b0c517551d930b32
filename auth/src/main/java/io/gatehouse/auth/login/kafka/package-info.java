/**
 * Accounts made from a Java client's properties. Kafka's own providers do the work, so whatever
 * works in a Java client works here, callback handlers on the class path included; what a Java
 * client cannot do stands in {@code aws} and {@code token}.
 */
@NullMarked
package io.gatehouse.auth.login.kafka;

import org.jspecify.annotations.NullMarked;
