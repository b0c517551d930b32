/**
 * Whole messages as trees that can be changed. This is the most expensive way to look into a
 * message, meant for low-rate APIs.
 *
 * <p>A {@link io.gatehouse.wire.tree.Struct} holds the fields of one struct of a {@link
 * io.gatehouse.wire.schema.Layout} by name, as plain Java values; {@link
 * io.gatehouse.wire.tree.TreeReader} and {@link io.gatehouse.wire.tree.TreeWriter} decode and
 * encode it as Kafka's own classes would. {@link io.gatehouse.wire.tree.Headers} knows which header
 * version belongs to which message, {@link io.gatehouse.wire.tree.FrameJson} prints messages
 * without their secrets. Trees copy what they read and keep no reference to a buffer.
 */
@NullMarked
package io.gatehouse.wire.tree;

import org.jspecify.annotations.NullMarked;
