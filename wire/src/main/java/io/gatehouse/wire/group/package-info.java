/**
 * The bytes that members of a classic group exchange through the broker, which the protocol's
 * schemas call {@code bytes}.
 *
 * <p>Brokers read those of the protocol type {@code consumer}: to describe groups, to protect
 * offsets of subscribed topics, to move a group to the newer protocol (KIP-848). So topics in them
 * must have the names that the broker knows. {@link io.gatehouse.wire.group.ConsumerBytes} renames
 * them. User data in them, and the bytes of other protocol types, are only read by other members of
 * the group.
 */
@NullMarked
package io.gatehouse.wire.group;

import org.jspecify.annotations.NullMarked;
