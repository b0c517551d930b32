/**
 * A Kafka broker, a gateway before it and clients that talk through it, in one command. Needs the
 * test kit, which a source tree has and a distribution has not; nothing else in this module may use
 * it.
 */
@NullMarked
package io.gatehouse.app.demo;

import org.jspecify.annotations.NullMarked;
