package io.gatehouse.control.store;

import org.jspecify.annotations.Nullable;

/**
 * What a log says.
 *
 * @param topic id of its topic
 * @param origin what it is a copy of; null if it is no copy
 * @param unreadable whether it has resources that this version cannot read
 */
record LogState(
    String topic, Snapshot snapshot, LogRecord.@Nullable Origin origin, boolean unreadable) {}
