package io.gatehouse.app.config;

import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.settings.Authentication;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HandshakeExpected;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.PortPlan;
import io.gatehouse.gateway.settings.ProxyHeader;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.tls.ServerTls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one item of {@code listeners}. */
final class ListenerBinder {

  static final int DEFAULT_PORT = 6969;

  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");
  private static final Routing.ByNodeId PLACEHOLDER_ROUTING =
      new Routing.ByNodeId(null, PortPlan.from(DEFAULT_PORT), 0);

  private final Section section;
  private final int index;
  private final StoreSettings accounts;

  /**
   * @param accounts where the accounts are kept whose tokens may let in
   */
  ListenerBinder(Section section, int index, StoreSettings accounts) {
    this.section = section;
    this.index = index;
    this.accounts = accounts;
  }

  /**
   * A listener.
   *
   * @param virtualCluster that of all clients without another one; null for none
   */
  record Bound(ListenerSettings listener, @Nullable String virtualCluster) {}

  /** The listener, and others like it for the host names of virtual clusters. */
  List<Bound> read() {
    String name =
        section.value(
            "name",
            index == 0 ? "main" : "listener" + (index + 1),
            ListenerBinder::name,
            Function.identity());
    String host = section.value("host", "0.0.0.0", Parse::host, Function.identity());
    String advertisedHost =
        section.optionalText(
            "advertisedHost", "the address each client connected to", Parse::advertisedHost);
    Map<@Nullable String, Routing> routing = routing(host, advertisedHost);
    String cluster = section.text("cluster", Entry.MAIN);
    String virtualCluster =
        section.optionalText(
            "virtualCluster", "clients bring their own or none", TenancyBinder::name);
    Entry entry = entry(cluster);
    return section.make(
        () -> {
          List<Bound> all = new ArrayList<>();
          routing.forEach((named, names) ->
              all.add(
                  new Bound(
                      new ListenerSettings(
                          named == null ? name : name + "-" + named,
                          host,
                          advertisedHost,
                          names,
                          entry),
                      named == null ? virtualCluster : named)));
          return all;
        },
        () ->
            List.of(
                new Bound(
                    new ListenerSettings(name, host, null, PLACEHOLDER_ROUTING), virtualCluster)));
  }

  private Entry entry(String cluster) {
    boolean endsSessions = section.flag("revalidate", true);
    ServerTls tls = null;
    if (section.has("tls")) {
      tls = TlsBinder.ofListener(section.section("tls"), endsSessions);
    } else {
      section.absent("tls", "plaintext");
    }
    ProxyHeader header = proxyHeader();
    Authentication authentication = authentication(endsSessions);
    HandshakeExpected handshake = null;
    if (section.has("handshake")) {
      handshake = HandshakeBinder.expected(section.section("handshake"));
    } else {
      section.absent("handshake", "clients connect directly");
    }
    return new Entry(tls, header, authentication, cluster, handshake);
  }

  private Authentication authentication(boolean endsSessions) {
    if (section.has("authentication")) {
      return AuthenticationBinder.read(section.section("authentication"), endsSessions, accounts);
    }
    section.absent("authentication", "open");
    return Entry.OPEN.authentication();
  }

  private ProxyHeader proxyHeader() {
    if (!section.has("proxyProtocol")) {
      section.absent("proxyProtocol", "off");
      return ProxyHeader.OFF;
    }
    Section header = section.section("proxyProtocol");
    ProxyHeader.Mode mode =
        header.choice("mode", ProxyHeader.Mode.REQUIRED, ProxyHeader.Mode.class);
    List<Network> trusted = header.list("trusted", "nobody", Network::parse, Network::toString);
    return header.make(() -> new ProxyHeader(mode, trusted), () -> ProxyHeader.OFF);
  }

  private Map<@Nullable String, Routing> routing(String host, @Nullable String advertisedHost) {
    boolean byAddress = section.has("mapping") || section.has("external") || section.has("dynamic");
    if (byAddress && section.has("ports")) {
      section.problem(
          "ports", "a listener has either ports by broker id or a mapping by address, not both");
    }
    if (section.has("sni")) {
      if (byAddress || section.has("ports")) {
        section.problem(
            "sni", "a listener has only one of sni, ports by broker id and a mapping by address");
      }
      return new SniBinder(section.section("sni"), advertisedHost).read(PLACEHOLDER_ROUTING);
    }
    Map<@Nullable String, Routing> one = new HashMap<>();
    one.put(null, byAddress ? byAddress(host, advertisedHost) : byNodeId(section.section("ports")));
    return one;
  }

  private Routing byNodeId(Section ports) {
    PortPlan.Pair bootstrap = bootstrap(ports);
    String spec =
        ports.value(
            "brokers",
            Integer.toString(DEFAULT_PORT),
            text -> {
              PortSpec.parse(text);
              return text;
            },
            Function.identity());
    boolean listed = PortSpec.parse(spec).size() > 1;
    Integer count =
        ports.optionalNumber(
            "count", listed ? "the number of listed ports" : "one for each broker", 1, 65535);
    int lowest = ports.number("lowestBrokerId", 0, 0, Integer.MAX_VALUE);
    return ports.make(
        () -> {
          PortPlan plan = plan(PortSpec.parse(spec), count);
          if (bootstrap != null && plan.pairs().stream().anyMatch(p -> clash(p, bootstrap))) {
            throw new IllegalArgumentException(
                "the bootstrap port " + bootstrap.local() + " is also a broker port");
          }
          return new Routing.ByNodeId(bootstrap, plan, lowest);
        },
        () -> PLACEHOLDER_ROUTING);
  }

  private static boolean clash(PortPlan.Pair one, PortPlan.Pair other) {
    return one.local() == other.local() || one.advertised() == other.advertised();
  }

  private static PortPlan.@Nullable Pair bootstrap(Section ports) {
    String text =
        ports.optionalText(
            "bootstrap",
            "any broker port",
            given -> {
              PortSpec.single(given);
              return given;
            });
    return text == null ? null : PortSpec.single(text);
  }

  /**
   * A single port without a count is the first of as many ports as there are brokers. Otherwise
   * there are exactly the listed ports.
   */
  private static PortPlan plan(List<PortPlan.Pair> listed, @Nullable Integer count) {
    if (listed.size() > 1) {
      if (count != null && count != listed.size()) {
        throw new IllegalArgumentException(
            "count is " + count + ", but brokers lists " + listed.size() + " ports");
      }
      return new PortPlan(listed, false);
    }
    PortPlan open = new PortPlan(listed, true);
    if (count == null) {
      return open;
    }
    PortPlan.Pair first = listed.getFirst();
    int highest = Math.max(first.advertised(), first.local());
    if (highest + count - 1 > 65535) {
      throw new IllegalArgumentException(
          count + " ports from " + highest + " on exceed port 65535");
    }
    return open.limited(count);
  }

  private Routing byAddress(String host, @Nullable String advertisedHost) {
    Map<HostPort, Routing.Mapping> mappings = new LinkedHashMap<>();
    for (Supplier<Section> item : section.sections("mapping")) {
      Section opened = item.get();
      Routing.Mapping mapping = mapping(opened, advertisedHost);
      Routing.Mapping earlier = mappings.putIfAbsent(mapping.broker(), mapping);
      if (earlier != null && !earlier.equals(mapping)) {
        opened.problem("", "the broker " + mapping.broker() + " is mapped twice");
      }
    }
    Map<HostPort, HostPort> external =
        section.map("external", Parse::address, Parse::advertisedAddress);
    external.forEach((broker, address) -> {
      Routing.Mapping mapped = mappings.get(broker);
      if (mapped != null && !address.equals(mapped.advertised())) {
        section.problem(
            "external", "the broker " + broker + " is also mapped as " + mapped.advertised());
      }
    });
    Routing.Dynamic dynamic = dynamic(host, advertisedHost);
    if (mappings.isEmpty()) {
      section.problem("mapping", "no broker is mapped to a listen address");
      return PLACEHOLDER_ROUTING;
    }
    return new Routing.ByAddress(List.copyOf(mappings.values()), external, dynamic);
  }

  private static Routing.Mapping mapping(Section item, @Nullable String advertisedHost) {
    HostPort broker = address(item, "broker");
    HostPort listen = address(item, "listen");
    String text =
        item.optionalText(
            "advertised",
            "the listen address, or the address each client connected to",
            given -> {
              Parse.advertisedAddress(given);
              return given;
            });
    HostPort advertised =
        text != null ? Parse.advertisedAddress(text) : advertisedFor(listen, advertisedHost);
    Routing.Mapping fallback = new Routing.Mapping(broker, listen, null);
    return item.make(() -> new Routing.Mapping(broker, listen, advertised), () -> fallback);
  }

  /**
   * The default advertised address of a listen address; null for the address each client connected
   * to.
   */
  private static @Nullable HostPort advertisedFor(
      HostPort listen, @Nullable String advertisedHost) {
    if (listen.port() == 0) {
      return null;
    }
    if (advertisedHost != null) {
      return new HostPort(advertisedHost, listen.port());
    }
    return listen.isWildcard() ? null : listen;
  }

  private static HostPort address(Section item, String key) {
    HostPort missing = new HostPort("missing", 1);
    if (!item.has(key)) {
      item.problem("", "the key " + key + " is missing");
    }
    return item.value(
        key,
        missing,
        key.equals("listen") ? Parse::listenAddress : Parse::address,
        HostPort::toString);
  }

  private Routing.@Nullable Dynamic dynamic(String host, @Nullable String advertisedHost) {
    if (!section.has("dynamic")) {
      section.optionalText("dynamic", "brokers without a mapping are refused", text -> text);
      return null;
    }
    Section dynamic = section.section("dynamic");
    String bound = HostPort.isWildcard(host) ? null : host;
    String usual = advertisedHost != null ? advertisedHost : bound;
    String given =
        dynamic.optionalText(
            "advertised",
            usual == null ? "the host each client connected to" : usual,
            AdvertisedTemplate::check);
    int lowest = dynamic.number("lowestPort", 0, 0, 65535);
    Integer ports = dynamic.optionalNumber("ports", "up to port 65535", 1, 65535);
    boolean byBrokerId = dynamic.flag("byBrokerId", false);
    if (ports != null && lowest == 0) {
      dynamic.problem("ports", "ports needs lowestPort");
    }
    int count = ports != null ? ports : lowest == 0 ? 0 : 65536 - lowest;
    String advertised = given != null ? given : usual;
    return dynamic.make(
        () -> new Routing.Dynamic(host, advertised, lowest, count, byBrokerId),
        () -> new Routing.Dynamic(host, null, 0, 0, false));
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a valid name: it must start with a letter and contain only letters,"
              + " digits, - and _");
    }
    return text;
  }
}
