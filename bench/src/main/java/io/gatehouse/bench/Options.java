package io.gatehouse.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The command-line options.
 *
 * @param scenarios the scenarios in order
 * @param rounds the number of rounds of each scenario
 * @param seconds the measured time of each round
 * @param warmUp the warm-up before it, in seconds
 * @param targets the names of the targets in order
 * @param gateways the commands of targets that are gateways, by name, with the placeholders of
 *     {@link #USAGE}
 * @param json the file for all samples
 * @param markdown the file for the tables
 */
record Options(
    List<Scenario> scenarios,
    int rounds,
    int seconds,
    int warmUp,
    List<String> targets,
    Map<String, String> gateways,
    @Nullable Path json,
    @Nullable Path markdown) {

  static final String DIRECT = "direct";
  static final String HAPROXY = "haproxy";
  static final String GATEHOUSE = "gatehouse";

  /** The suffix of targets that use TLS for clients. */
  static final String TLS = "-tls";

  /** The suffix of targets whose clients are in a virtual cluster. */
  static final String TENANT = "-tenant";

  /** The gateway as a sidecar, with mutual TLS to the broker. */
  private static final String MTLS = "-mtls";

  static final String USAGE =
      """
      usage: bench [SCENARIO...] [options]
             bench jmh [REGEX...]
             bench changes        changes of resources on three nodes
      scenarios: %s (default: all)
        --rounds N           of each scenario (3)
        --seconds N          measured in each round (6)
        --warm-up N          seconds of load before (2)
        --targets A,B,...    direct, haproxy, gatehouse, gatehouse-tls (clients over TLS), gatehouse-mtls
                             (the broker over TLS with certificates, clients in plaintext),
                             gatehouse-tenant (clients in a virtual cluster) and names given with --gateway
                             (the first three)
        --gateway NAME=COMMAND
                             a gateway to run with a shell command, in which are filled in: {port} to
                             bootstrap at, {node-port} for the broker with id 0, the address {broker} and,
                             with TLS and client certificates, {tls-broker}; {ca}, {certificate}, {key},
                             {client-certificate}, {client-key}. NAME may be one of ours. One that ends in
                             -tls is spoken to over TLS; clients of one that ends in -tenant see the topics
                             without the prefix bench-
        --json FILE          writes all figures
        --markdown FILE      writes the table
      """
          .formatted(
              Arrays.stream(Scenario.values())
                  .map(Scenario::toString)
                  .collect(Collectors.joining(", ")));

  /**
   * Parses the arguments.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static Options parse(List<String> args) {
    List<Scenario> scenarios = new ArrayList<>();
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, String> gateways = new LinkedHashMap<>();
    gateways.put(GATEHOUSE, launcher("{broker},127.0.0.1:{port}"));
    gateways.put(
        GATEHOUSE + TLS,
        launcher(
            "{broker},127.0.0.1:{port},localhost:{port}",
            "--proxy-listener-tls-enable",
            "--proxy-listener-cert-file {certificate}",
            "--proxy-listener-key-file {key}"));
    gateways.put(
        GATEHOUSE + MTLS,
        launcher(
            "{tls-broker},127.0.0.1:{port}",
            "--tls-enable",
            "--tls-ca-chain-cert-file {ca}",
            "--tls-client-cert-file {client-certificate}",
            "--tls-client-key-file {client-key}"));
    gateways.put(GATEHOUSE + TENANT, tenantLauncher());
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (!arg.startsWith("--")) {
        scenarios.add(Scenario.of(arg));
        continue;
      }
      if (!List.of("--rounds", "--seconds", "--warm-up", "--targets", "--gateway", "--json")
              .contains(arg)
          && !arg.equals("--markdown")) {
        throw new IllegalArgumentException("unknown option " + arg);
      }
      if (i + 1 == args.size()) {
        throw new IllegalArgumentException(arg + " needs a value");
      }
      String value = args.get(++i);
      if (arg.equals("--gateway")) {
        int equals = value.indexOf('=');
        if (equals < 1) {
          throw new IllegalArgumentException("--gateway needs NAME=COMMAND, not " + value);
        }
        gateways.put(value.substring(0, equals), value.substring(equals + 1));
      } else {
        values.put(arg, value);
      }
    }
    List<String> targets =
        Stream.of(values.getOrDefault("--targets", "direct,haproxy,gatehouse").split(",")).toList();
    for (String target : targets) {
      if (!target.equals(DIRECT) && !target.equals(HAPROXY) && !gateways.containsKey(target)) {
        throw new IllegalArgumentException(
            "no target '" + target + "'; there are direct, haproxy, " + gateways.keySet());
      }
    }
    String json = values.get("--json");
    String markdown = values.get("--markdown");
    return new Options(
        scenarios.isEmpty() ? List.of(Scenario.values()) : scenarios,
        number(values, "--rounds", 3),
        number(values, "--seconds", 6),
        number(values, "--warm-up", 2),
        targets,
        gateways,
        json == null ? null : Path.of(json),
        markdown == null ? null : Path.of(markdown));
  }

  private static int number(Map<String, String> values, String option, int otherwise) {
    String value = values.get(option);
    if (value == null) {
      return otherwise;
    }
    if (!value.matches("[1-9][0-9]{0,4}")) {
      throw new IllegalArgumentException(option + " needs a number from 1 on, not " + value);
    }
    return Integer.parseInt(value);
  }

  /** The command that users run, including the HTTP server. */
  private static String launcher(String mapping, String... flags) {
    Path root = Path.of(System.getProperty("gatehouse.root", ".."));
    return String.join(
        " ",
        quote(root.resolve("gatehouse").toAbsolutePath().normalize().toString()),
        "server --bootstrap-server-mapping",
        mapping,
        "--default-listener-ip 127.0.0.1 --http-listen-address 127.0.0.1:0",
        String.join(" ", flags));
  }

  /** The same with a configuration file, because flags know no virtual clusters. */
  private static String tenantLauncher() {
    Path root = Path.of(System.getProperty("gatehouse.root", ".."));
    String script =
        """
        d=$(mktemp -d) && mkdir "$d/resources" && cat >"$d/gatehouse.yaml" <<END &&
        upstream: {bootstrapServers: "{broker}"}
        listeners:
          - host: 127.0.0.1
            advertisedHost: 127.0.0.1
            ports: {bootstrap: {port}, brokers: "{node-port}"}
            virtualCluster: bench
        http: {host: 127.0.0.1, port: 0}
        admin: {folder: "$d/resources"}
        END
        cat >"$d/resources/bench.yaml" <<'END' && exec %s run --config "$d/gatehouse.yaml"
        kind: VirtualCluster
        apiVersion: gateway/v2
        metadata: {name: bench}
        spec: {prefix: %s}
        END
        """
            .formatted(
                quote(root.resolve("gatehouse").toAbsolutePath().normalize().toString()),
                Topics.PREFIX);
    return "sh -c " + quote(script);
  }

  private static String quote(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
