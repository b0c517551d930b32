/**
 * The live nodes of a gateway cluster, which find each other as members of a Kafka consumer group.
 *
 * <p>Each member's subscription holds its {@link io.gatehouse.control.node.NodeInfo}. The group's
 * leader sends the list of all members with the assignments, which assign no partitions. {@link
 * io.gatehouse.control.node.Membership} is this node's member; {@link
 * io.gatehouse.control.node.AppliedRevisions} keeps which revision each node has applied.
 */
@NullMarked
package io.gatehouse.control.node;

import org.jspecify.annotations.NullMarked;
