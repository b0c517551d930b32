package io.gatehouse.app.kafkaproxy;

import io.gatehouse.app.config.Node;
import io.gatehouse.app.config.Origin;
import io.gatehouse.app.config.Parse;
import io.gatehouse.app.config.Problems;
import io.gatehouse.app.config.TreeBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** The three kinds of address mappings of kafka-proxy's flags. */
final class Mappings {

  private final Problems problems;
  private final List<Node> servers = new ArrayList<>();
  private final SequencedMap<String, Node> external = new LinkedHashMap<>();
  private final SequencedMap<String, Node> dial = new LinkedHashMap<>();

  Mappings(Problems problems) {
    this.problems = problems;
  }

  /** {@code broker,listen[,advertised]}. */
  void server(Node.Scalar entry) {
    List<String> parts = Parse.commas(entry.text());
    if (parts.size() != 2 && parts.size() != 3) {
      refuse(
          entry,
          "a broker address, a local address and optionally an advertised address"
              + " (host:port,host:port[,host:port])");
      return;
    }
    TreeBuilder mapping = new TreeBuilder();
    mapping.set(parts.get(0), entry.origin(), "broker");
    mapping.set(parts.get(1), entry.origin(), "listen");
    if (parts.size() == 3) {
      mapping.set(parts.get(2), entry.origin(), "advertised");
    }
    servers.add(mapping.build());
  }

  /** {@code broker,advertised}; a third part must repeat the second. */
  void external(Node.Scalar entry) {
    List<String> parts = Parse.commas(entry.text());
    if (parts.size() == 3 && parts.get(1).equals(parts.get(2))) {
      parts = parts.subList(0, 2);
    }
    if (parts.size() == 2) {
      put(external, parts, entry.origin());
    } else {
      refuse(entry, "a broker address and an advertised address (host:port,host:port)");
    }
  }

  /** {@code broker,address to connect to}. */
  void dial(Node.Scalar entry) {
    List<String> parts = Parse.commas(entry.text());
    if (parts.size() == 2) {
      put(dial, parts, entry.origin());
    } else {
      refuse(entry, "a broker address and the address to connect to (host:port,host:port)");
    }
  }

  Node.Sequence servers() {
    Origin origin = servers.isEmpty() ? Origin.DEFAULT : servers.getFirst().origin();
    return new Node.Sequence(servers, origin);
  }

  Optional<Node> external() {
    return mapping(external);
  }

  Optional<Node> dial() {
    return mapping(dial);
  }

  private static Optional<Node> mapping(SequencedMap<String, Node> entries) {
    return entries.isEmpty()
        ? Optional.empty()
        : Optional.of(new Node.Mapping(entries, entries.firstEntry().getValue().origin()));
  }

  private void put(SequencedMap<String, Node> entries, List<String> parts, Origin origin) {
    Node.Scalar target = new Node.Scalar(parts.get(1), origin);
    Node earlier = entries.putIfAbsent(parts.get(0), target);
    if (earlier instanceof Node.Scalar(String text, _) && !text.equals(target.text())) {
      problems.add(
          origin,
          "the broker " + parts.get(0) + " has two addresses, " + text + " and " + target.text());
    }
  }

  private void refuse(Node.Scalar entry, String valid) {
    problems.add(entry.origin(), "'" + entry.text() + "' is not " + valid);
  }
}
