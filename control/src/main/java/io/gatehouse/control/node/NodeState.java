package io.gatehouse.control.node;

import org.jspecify.annotations.Nullable;

/**
 * A live node.
 *
 * @param own whether it is this process
 * @param revision the revision of the resources that it has applied; null if it is unknown
 */
public record NodeState(NodeInfo node, boolean own, @Nullable Long revision) {}
