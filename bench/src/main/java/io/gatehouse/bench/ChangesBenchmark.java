package io.gatehouse.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.testkit.KafkaCluster;
import io.gatehouse.testkit.KafkaVersion;
import io.gatehouse.testkit.Ports;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Measures how fast changes of resources take effect on three gateways that share a topic, and what
 * many resources and many changes cost their clients. See docs/performance.md.
 */
final class ChangesBenchmark implements AutoCloseable {

  private static final int RESOURCES = 1000;
  private static final int CHANGES = 500;
  private static final int PER_SECOND = 500;
  private static final int SECONDS = 20;
  private static final int ROUNDS = 3;
  private static final int IN_FLIGHT = 200;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String PASSWORD = "bench-password";

  /** Signs tokens, so that there can be accounts; none is used. */
  private static final String KEY =
      Base64.getEncoder().encodeToString("a key that signs no token at all".getBytes(UTF_8));

  private final PrintStream out;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final KafkaCluster kafka = KafkaCluster.of(KafkaVersion.V4_4, 1).start();
  private final Path folder = Files.createTempDirectory("gatehouse-changes-");

  /** A gateway, its clients' ports and the address of its admin API. */
  private record Node(Target target, Ports ports, URI api) implements AutoCloseable {

    RelayProcess process() {
      return java.util.Objects.requireNonNull(target.relay());
    }

    /** Resident memory two seconds after the start, in MB. */
    double settledMegabytes() throws IOException, InterruptedException {
      TimeUnit.SECONDS.sleep(2);
      return target.residentMegabytes();
    }

    @Override
    public void close() {
      process().close();
      ports.close();
    }
  }

  ChangesBenchmark(PrintStream out) throws IOException {
    this.out = out;
  }

  void run() throws IOException, InterruptedException {
    Topics topics = new Topics(kafka.bootstrapServers("PLAINTEXT"));
    try (Node none = start("none", "memory: true")) {
      report("without resources", none);
      try (Node first = start("first", "topic: changes")) {
        report("with an empty topic", first);
        apply(first, ChangesBenchmark::account);
        apply(first, ChangesBenchmark::group);
      }
      try (Node first = start("first", "topic: changes")) {
        report("with %,d accounts and %<,d groups".formatted(RESOURCES), first);
        requests(topics, none, first);
        try (Node second = start("second", "topic: changes");
            Node third = start("third", "topic: changes")) {
          propagation(first, List.of(first, second, third));
          stalls(topics, first);
        }
      }
    }
  }

  private Node start(String name, String store) throws IOException {
    Ports ports = Ports.reserve(5);
    String configuration =
        """
        upstream: {bootstrapServers: "%s"}
        listeners:
          - {name: open, host: 127.0.0.1, ports: {bootstrap: %d, brokers: %d}}
          - name: accounts
            host: 127.0.0.1
            ports: {bootstrap: %d, brokers: %d}
            authentication: {mechanisms: [{name: PLAIN, serviceAccountKey: %s}]}
        http: {port: %d}
        admin:
          store: {%s}
          users: [{name: admin, password: %s, admin: true}]
        """
            .formatted(
                kafka.bootstrapServers("PLAINTEXT"),
                ports.get(0),
                ports.get(1),
                ports.get(3),
                ports.get(4),
                KEY,
                ports.get(2),
                store,
                PASSWORD);
    Path file = Files.writeString(folder.resolve(name + ".yaml"), configuration);
    Path program = Path.of(System.getProperty("gatehouse.root", "..")).resolve("gatehouse");
    Target.Endpoint bootstrap = new Target.Endpoint(ports.get(0), null);
    RelayProcess process =
        RelayProcess.start(
            List.of(program.toAbsolutePath().toString(), "run", "--config", file.toString()),
            bootstrap,
            folder.resolve(name + ".log"));
    return new Node(
        new Target(name, bootstrap, Set.of(ports.get(0), ports.get(1)), process),
        ports,
        URI.create("http://" + RelayProcess.HOST + ":" + ports.get(2)));
  }

  private void report(String what, Node node) throws IOException, InterruptedException {
    print(
        "%s: start %.0f ms, resident %.0f MB",
        what, node.process().startMillis(), node.settledMegabytes());
  }

  private static String account(int number) {
    return """
    {"kind": "GatewayServiceAccount", "apiVersion": "gateway/v2",
     "metadata": {"name": "account-%1$d"},
     "spec": {"type": "LOCAL"}}
    """
        .formatted(number);
  }

  private static String group(int number) {
    return """
    {"kind": "GatewayGroup", "apiVersion": "gateway/v2", "metadata": {"name": "group-%1$d"},
     "spec": {"members": [{"name": "account-%1$d"}], "externalGroups": []}}
    """
        .formatted(number);
  }

  private void apply(Node node, IntFunction<String> resource)
      throws IOException, InterruptedException {
    String all =
        IntStream.range(0, RESOURCES).mapToObj(resource).collect(Collectors.joining(",", "[", "]"));
    long begun = System.nanoTime();
    send(node, "POST", "/gateway/v2/apply", all);
    print("%,d resources applied as one change in %.0f ms", RESOURCES, millisSince(begun));
  }

  /** The time from a request on one node until its change can be read on every node. */
  private void propagation(Node on, List<Node> nodes) throws IOException, InterruptedException {
    Histogram answered = new Histogram(3);
    Histogram applied = new Histogram(3);
    for (int i = 0; i < CHANGES; i++) {
      String name = "change-" + i;
      long begun = System.nanoTime();
      send(
          on,
          "PUT",
          "/gateway/v2/service-account",
          account(RESOURCES + i).replace("account-", name));
      answered.recordValue((System.nanoTime() - begun) / 1000);
      for (Node node : nodes) {
        while (!send(node, "GET", "/gateway/v2/service-account?name=" + name + (RESOURCES + i), "")
            .contains(name)) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
      }
      applied.recordValue((System.nanoTime() - begun) / 1000);
    }
    print(
        "%,d changes one after the other: answered after %s, readable on %d nodes after %s",
        CHANGES, percentiles(answered), nodes.size(), percentiles(applied));
  }

  /** What clients notice of many changes: records at a fixed rate, without and with changes. */
  private void stalls(Topics topics, Node node) throws IOException, InterruptedException {
    try (Load load = Scenario.LATENCY.start(node.target(), topics)) {
      TimeUnit.SECONDS.sleep(SECONDS / 2);
      load.takeLatencies();
      TimeUnit.SECONDS.sleep(SECONDS);
      print(
          "500 records/s without changes: acknowledged after %s",
          percentiles(load.takeLatencies()));
      double rate = change(node);
      print(
          "500 records/s during %.0f changes/s: acknowledged after %s",
          rate, percentiles(load.takeLatencies()));
      load.progress();
    }
  }

  /** Changes resources at a fixed rate; returns the rate of answered changes. */
  private double change(Node node) throws InterruptedException {
    Semaphore room = new Semaphore(IN_FLIGHT);
    AtomicInteger failed = new AtomicInteger();
    long begun = System.nanoTime();
    int changes = PER_SECOND * SECONDS;
    for (int i = 0; i < changes; i++) {
      long due = begun + i * TimeUnit.SECONDS.toNanos(1) / PER_SECOND;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      room.acquire();
      // Each differs from what is stored.
      String body = group(i % RESOURCES).replace("[]", "[\"of-change-" + i + "\"]");
      http.sendAsync(request(node, "PUT", "/gateway/v2/group", body), BodyHandlers.ofString())
          .whenComplete((response, failure) -> {
            room.release();
            if (failure != null || response.statusCode() != 200) {
              failed.incrementAndGet();
            }
          });
    }
    room.acquire(IN_FLIGHT);
    if (failed.get() > 0) {
      throw new IllegalStateException(failed + " changes failed");
    }
    return changes / (millisSince(begun) / 1000);
  }

  /** The cost of requests in front of gateways without and with resources, in turn. */
  private void requests(Topics topics, Node without, Node with)
      throws IOException, InterruptedException {
    List<Double> few = new ArrayList<>();
    List<Double> many = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      few.add(cost(topics, without));
      many.add(cost(topics, with));
    }
    print("one record per request, CPU ms/1,000: %s without, %s with them", few, many);
  }

  private double cost(Topics topics, Node node) throws IOException, InterruptedException {
    try (Load load = Scenario.REQUESTS.start(node.target(), topics)) {
      TimeUnit.SECONDS.sleep(3);
      Load.Progress before = load.progress();
      double cpu = node.target().cpuSeconds();
      TimeUnit.SECONDS.sleep(4);
      long records = load.progress().since(before).records();
      return Math.round((node.target().cpuSeconds() - cpu) * 1e7 / records) / 10.0;
    }
  }

  private String send(Node node, String method, String path, String body)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(request(node, method, path, body), BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(method + " " + path + ": " + response.statusCode() + response.body());
    }
    return response.body();
  }

  private static HttpRequest request(Node node, String method, String path, String body) {
    byte[] user = ("admin:" + PASSWORD).getBytes(UTF_8);
    return HttpRequest.newBuilder(node.api().resolve(path))
        .timeout(LIMIT)
        .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(user))
        .header("Content-Type", "application/json")
        .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
        .build();
  }

  private static double millisSince(long begun) {
    return (System.nanoTime() - begun) / 1e6;
  }

  private static String percentiles(Histogram micros) {
    return String.format(
        Locale.ROOT,
        "p50 %.1f, p99 %.1f, p99.9 %.1f, at most %.1f ms",
        micros.getValueAtPercentile(50) / 1e3,
        micros.getValueAtPercentile(99) / 1e3,
        micros.getValueAtPercentile(99.9) / 1e3,
        micros.getMaxValue() / 1e3);
  }

  @SuppressWarnings("AnnotateFormatMethod") // private, and checked by every run
  private void print(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
  }

  @Override
  public void close() {
    http.close();
    kafka.close();
  }
}
