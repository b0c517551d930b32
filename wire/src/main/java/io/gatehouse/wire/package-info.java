/** The Kafka protocol as bytes. */
@NullMarked
package io.gatehouse.wire;

import org.jspecify.annotations.NullMarked;
