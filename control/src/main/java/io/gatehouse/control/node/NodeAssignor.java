package io.gatehouse.control.node;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each member of the consumer group the descriptions of all members instead of partitions.
 * Kafka's client creates it by name, and finds this node in the client's properties.
 */
public final class NodeAssignor implements ConsumerPartitionAssignor, Configurable {

  /** The property of the consumer that holds the {@link Node}. */
  static final String NODE = "gatehouse.node";

  private static final Logger log = LoggerFactory.getLogger(NodeAssignor.class);

  /** The member of this process. Called by the thread that polls the consumer. */
  interface Node {
    /** Its encoded description for the others. */
    byte[] description();

    /** Called with the descriptions of all members after each rebalance. */
    void onMembers(List<NodeInfo> members);
  }

  private @Nullable Node node;

  @Override
  public void configure(Map<String, ?> properties) {
    node = (Node) properties.get(NODE);
  }

  /** Changed when the meaning of the data changes so that older nodes could not read it. */
  @Override
  public String name() {
    return "gatehouse-nodes-1";
  }

  @Override
  public @Nullable ByteBuffer subscriptionUserData(Set<String> topics) {
    return node == null ? null : ByteBuffer.wrap(node.description());
  }

  @Override
  public GroupAssignment assign(Cluster metadata, GroupSubscription subscriptions) {
    List<byte[]> nodes = new ArrayList<>();
    int bytes = 0;
    // In the order of the members, so that the same are left out everywhere if they are too many.
    for (var member : new TreeMap<>(subscriptions.groupSubscription()).entrySet()) {
      byte[] description = bytes(member.getValue().userData());
      if (NodeInfo.decode(description) == null) {
        log.warn(
            "Member {} of the group of gateway nodes sends no description that can be read",
            member.getKey());
      } else if (bytes + description.length > NodeInfo.MAX_BYTES / 2) {
        log.error("Member {} is left out: there are too many gateway nodes", member.getKey());
      } else {
        bytes += description.length;
        nodes.add(description);
      }
    }
    ByteBuffer all = NodeInfo.encodeAll(nodes);
    Map<String, Assignment> assignments = new HashMap<>();
    for (String member : subscriptions.groupSubscription().keySet()) {
      assignments.put(member, new Assignment(List.of(), all.duplicate()));
    }
    return new GroupAssignment(assignments);
  }

  private static byte[] bytes(@Nullable ByteBuffer data) {
    byte[] bytes = new byte[data == null ? 0 : data.remaining()];
    if (data != null) {
      data.duplicate().get(bytes);
    }
    return bytes;
  }

  @Override
  public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
    List<NodeInfo> members = NodeInfo.decodeAll(assignment.userData());
    if (members == null) {
      log.error("The leader of the group of gateway nodes sends a list that cannot be read");
    } else if (node != null) {
      node.onMembers(members);
    }
  }
}
