/**
 * Translates kafka-proxy's flags and environment variables to the native configuration
 * (docs/kafka-proxy.md).
 */
@NullMarked
package io.gatehouse.app.kafkaproxy;

import org.jspecify.annotations.NullMarked;
