package io.gatehouse.http;

import io.gatehouse.control.Refusal;
import java.util.List;

/** Directs the clients of a cluster to its failover cluster, and back. */
public interface Failover {

  /**
   * A cluster that has a failover cluster.
   *
   * @param active the one of them that clients are directed to
   * @param generation number of switches so far, as the nodes have agreed; 0 if each node is
   *     switched by itself
   */
  record State(String cluster, String failover, String active, long generation) {}

  List<State> states();

  /**
   * Switches the clients. It is no error if they are there already. May block.
   *
   * @param cluster a cluster that has a failover cluster
   * @param to the cluster itself or its failover cluster
   * @throws Refusal if there are no such clusters, or clients cannot be switched now
   */
  void switchTo(String cluster, String to) throws Refusal;

  /**
   * What clients would miss after a switch, a sentence each. Blocks.
   *
   * @throws Refusal as {@link #switchTo}, or if a cluster does not respond
   */
  List<String> missing(String cluster, String to) throws Refusal;
}
