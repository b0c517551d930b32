/**
 * A whole message as a tree that can be changed: the dear way to look inside, for low-rate APIs.
 *
 * <p>A {@link io.gatehouse.wire.tree.Struct} holds the fields of one struct of a {@link
 * io.gatehouse.wire.schema.Layout} by name, as plain Java values; {@link
 * io.gatehouse.wire.tree.TreeReader} and {@link io.gatehouse.wire.tree.TreeWriter} turn it from and
 * to bytes as Kafka's own classes would. {@link io.gatehouse.wire.tree.Headers} knows which header
 * goes with which message, {@link io.gatehouse.wire.tree.FrameJson} shows both without their
 * secrets. Trees copy what they read: no tree holds on to a buffer.
 */
@NullMarked
package io.gatehouse.wire.tree;

import org.jspecify.annotations.NullMarked;
