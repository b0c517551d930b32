package io.gatehouse.gateway.settings;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that may be brokers of a cluster. Metadata can name any host, and the gateway sends
 * credentials to the hosts it connects to.
 *
 * @param rules a host that matches one of them belongs to the cluster
 * @param onMismatch how to handle a host that matches none
 * @param inferred whether the rules were inferred from the bootstrap servers rather than configured
 */
public record BrokerHosts(List<HostRule> rules, OnMismatch onMismatch, boolean inferred) {

  /** How to handle a host that matches no rule. */
  public enum OnMismatch {
    REFUSE,
    /** Accept it with a warning: the rules are inferred and not certain enough to refuse it. */
    WARN,
    /**
     * Accept IP addresses and names without a dot with a warning; refuse names of other domains.
     */
    REFUSE_NAMES
  }

  /** The result of checking a name without resolving it. */
  public enum Verdict {
    ALLOWED,
    /** Depends on the address it resolves to. */
    BY_ADDRESS,
    /** Accepted with a warning. */
    UNCERTAIN,
    REFUSED
  }

  private static final List<HostRule> THIS_MACHINE =
      List.of(
          new HostRule.Name("localhost"),
          new HostRule.Name("*.localhost"),
          new HostRule.ThisMachine());

  /**
   * RFC 1918, RFC 6598, RFC 4193. Not link-local addresses: clouds serve instance credentials
   * there.
   */
  private static final List<HostRule> PRIVATE =
      rules("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");

  /** Domains under which anyone can get a host name. */
  private static final List<String> SHARED =
      List.of(
          ".amazonaws.com",
          ".amazonaws.com.cn",
          ".azure.com",
          ".cloudapp.net",
          ".windows.net",
          ".googleusercontent.com",
          ".ngrok.io",
          ".nip.io",
          ".sslip.io",
          ".duckdns.org");

  /** Second-level labels under which country-code domains register names. */
  private static final Set<String> REGISTRIES =
      Set.of("ac", "co", "com", "edu", "go", "gov", "ltd", "ne", "net", "or", "org", "plc");

  public BrokerHosts {
    rules = List.copyOf(rules);
  }

  private static List<HostRule> rules(String... texts) {
    return java.util.Arrays.stream(texts).map(HostRule::parse).toList();
  }

  /** Accepts exactly the hosts that match a rule. */
  public static BrokerHosts of(List<HostRule> rules) {
    return new BrokerHosts(rules, OnMismatch.REFUSE, false);
  }

  /** Infers the rules from a cluster's bootstrap servers: their networks or domains. */
  public static BrokerHosts inferFrom(List<HostPort> bootstrapServers) {
    List<String> hosts =
        bootstrapServers.stream().map(server -> HostPattern.normalize(server.host())).toList();
    List<@Nullable InetAddress> addresses = new ArrayList<>();
    hosts.forEach(host -> addresses.add(literal(host)));
    if (hosts.stream().allMatch(BrokerHosts::isLoopback)) {
      return new BrokerHosts(THIS_MACHINE, OnMismatch.REFUSE, true);
    }
    if (addresses.stream().allMatch(one -> one != null && contains(PRIVATE, one))) {
      List<HostRule> near = new ArrayList<>(PRIVATE);
      HostRule.ThisMachine here = new HostRule.ThisMachine();
      if (addresses.stream().anyMatch(one -> one != null && here.contains(one))) {
        near.add(here); // this machine's name may resolve to a loopback address
      }
      return new BrokerHosts(near, OnMismatch.REFUSE, true);
    }
    List<HostRule> rules = new ArrayList<>();
    boolean domains = true;
    for (int i = 0; i < hosts.size(); i++) {
      InetAddress address = addresses.get(i);
      List<String> domain = address == null ? domains(hosts.get(i)) : List.of();
      domains &= !domain.isEmpty();
      domain.forEach(one -> rules.add(new HostRule.Name("*." + one)));
      if (address == null && hosts.get(i).indexOf('.') < 0) {
        rules.add(new HostRule.ShortName());
      }
      if (address instanceof Inet4Address) {
        rules.add(new HostRule.Address(new Network(address, 16)));
      }
    }
    return new BrokerHosts(rules, domains ? OnMismatch.REFUSE_NAMES : OnMismatch.WARN, true);
  }

  /** The domains of a cluster's other brokers, given one broker's name; empty if not inferable. */
  private static List<String> domains(String host) {
    List<String> labels = List.of(host.split("\\.", -1));
    int all = labels.size();
    int service = labels.lastIndexOf("svc");
    if (service >= 2) {
      // Kubernetes: names are used with and without the cluster domain
      String namespace = labels.get(service - 1) + ".svc";
      String domain = String.join(".", labels.subList(service + 1, all));
      return domain.isEmpty()
          ? List.of(namespace, namespace + ".cluster.local")
          : List.of(namespace, namespace + "." + domain);
    }
    int kafka = Math.max(labels.indexOf("kafka"), labels.indexOf("kafka-serverless"));
    if (kafka > 0 && (host.endsWith(".amazonaws.com") || host.endsWith(".amazonaws.com.cn"))) {
      return List.of(String.join(".", labels.subList(kafka, all))); // Amazon MSK
    }
    boolean country = all >= 2 && labels.getLast().length() == 2;
    int registered = country && REGISTRIES.contains(labels.get(all - 2)) ? 3 : 2;
    if (all <= registered || SHARED.stream().anyMatch(host::endsWith)) {
      return List.of();
    }
    return List.of(String.join(".", labels.subList(all - registered, all)));
  }

  /** Checks a broker's host, a name or an IP literal, without resolving it. */
  public Verdict verdict(String host) {
    String name = HostPattern.normalize(host);
    InetAddress address = literal(name);
    if (matches(name) || (address != null && contains(address))) {
      return Verdict.ALLOWED;
    }
    boolean plain = address != null || name.indexOf('.') < 0;
    return switch (onMismatch) {
      case WARN -> Verdict.UNCERTAIN;
      case REFUSE_NAMES -> plain ? Verdict.UNCERTAIN : Verdict.REFUSED;
      case REFUSE ->
          address == null && rules.stream().anyMatch(HostRule.ByAddress.class::isInstance)
              ? Verdict.BY_ADDRESS
              : Verdict.REFUSED;
    };
  }

  /** Whether an address matches one of the rules. */
  public boolean contains(InetAddress address) {
    return contains(rules, address);
  }

  private boolean matches(String name) {
    return rules.stream()
        .anyMatch(rule ->
            switch (rule) {
              case HostRule.Name pattern -> pattern.matches(name);
              case HostRule.ShortName _ -> literal(name) == null && name.indexOf('.') < 0;
              case HostRule.ByAddress _ -> false;
            });
  }

  private static boolean contains(List<HostRule> rules, InetAddress address) {
    return rules.stream()
        .anyMatch(rule -> rule instanceof HostRule.ByAddress network && network.contains(address));
  }

  private static boolean isLoopback(String host) {
    InetAddress address = literal(host);
    return address == null
        ? host.equals("localhost") || host.endsWith(".localhost")
        : address.isLoopbackAddress() || address.isAnyLocalAddress();
  }

  /** The address of an IP literal, or null for a name. Does no DNS lookup. */
  private static @Nullable InetAddress literal(String host) {
    if (host.indexOf(':') < 0 && !host.matches("[0-9]+(\\.[0-9]+){3}")) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(host);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
