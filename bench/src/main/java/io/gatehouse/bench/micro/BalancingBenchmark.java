package io.gatehouse.bench.micro;

import io.gatehouse.gateway.nodes.Advertised;
import io.gatehouse.gateway.nodes.Balancing;
import io.gatehouse.gateway.nodes.GatewayNode;
import io.gatehouse.gateway.nodes.Nodes;
import io.gatehouse.gateway.settings.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The choice of the gateway nodes that a client is told; once for each broker in Metadata. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BalancingBenchmark {

  private static final int BROKERS = 12;

  @Param({"3", "10"})
  private int nodes;

  private Balancing balancing = balancing(3);
  private long client;

  private static Balancing balancing(int nodes) {
    List<GatewayNode> all = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      Advertised advertised =
          Advertised.parse("0-%d=gateway-%d.example:9093".formatted(BROKERS - 1, i));
      all.add(new GatewayNode("gateway-" + i, "rack-" + i % 3, Map.of("main", advertised)));
    }
    Nodes others = Nodes.of(all.getFirst(), false, all.subList(1, nodes));
    return Objects.requireNonNull(others.balancing("main"));
  }

  /** Sets up the number of nodes. */
  @Setup
  public void start() {
    balancing = balancing(nodes);
  }

  /** A response with 12 brokers in three racks; the score is per broker. */
  @Benchmark
  @OperationsPerInvocation(BROKERS)
  public int choices() {
    client++;
    int ports = 0;
    for (int broker = 0; broker < BROKERS; broker++) {
      String rack = broker % 2 == 0 ? null : "rack-1";
      ports +=
          balancing.choose(broker, rack, client, new HostPort("gateway-0.example", 9093)).port();
    }
    return ports;
  }
}
