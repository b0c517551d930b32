package io.gatehouse.app.config;

import io.gatehouse.app.config.AppSettings.Log;
import io.gatehouse.app.config.AppSettings.Log.AuditTopicSettings;
import io.gatehouse.auth.ControlCharacters;
import io.gatehouse.gateway.settings.ApiRules;
import io.gatehouse.gateway.settings.DrainSettings;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.GatewaySettings;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.gateway.settings.Limits;
import io.gatehouse.gateway.settings.ListenerSettings;
import io.gatehouse.gateway.settings.LoginLimits;
import io.gatehouse.gateway.settings.Network;
import io.gatehouse.gateway.settings.Routing;
import io.gatehouse.gateway.settings.SocketSettings;
import io.gatehouse.gateway.settings.Tenancy;
import io.gatehouse.gateway.settings.Timeouts;
import io.gatehouse.gateway.settings.UpstreamSettings;
import io.gatehouse.http.HttpSettings;
import io.gatehouse.http.LoggerLevels.Level;
import io.gatehouse.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Converts the configuration tree to {@link AppSettings}. */
public final class SettingsBinder {

  private static final int ANY = Integer.MAX_VALUE;
  private static final Duration MOST_TAKEOVER_TIMEOUT = Duration.ofMinutes(9);
  private static final Duration LEAST_REFRESH = Duration.ofSeconds(1);
  private static final Duration MOST_REFRESH = Duration.ofDays(365);

  private final BindingContext context;
  private final Advice advice;

  /** Whether bootstrap servers are given but invalid. */
  private boolean brokersRefused;

  private SettingsBinder(BindingContext context, Advice advice) {
    this.context = context;
    this.advice = advice;
  }

  /**
   * Parts of messages that depend on the command that the user ran.
   *
   * @param missingBrokers the message if no broker is given
   * @param httpPort the setting for the HTTP port, if it has its default
   */
  public record Advice(String missingBrokers, String httpPort) {}

  /**
   * The result of reading a configuration.
   *
   * @param settings null if there are problems
   * @param listing renders the effective configuration
   * @param fileChecks check the files that are otherwise opened only at the start
   */
  public record Result(
      @Nullable AppSettings settings,
      Problems problems,
      Supplier<String> listing,
      List<Runnable> fileChecks) {

    /** Opens the files that a start would open, and adds their problems. */
    public void checkFiles() {
      fileChecks.forEach(Runnable::run);
    }

    /** The effective configuration with the origin of each value. */
    public String yaml() {
      return listing.get();
    }
  }

  /**
   * @param environment contains the {@code GATEHOUSE_} variables
   * @param problems the problems found so far, to which more are added
   */
  public static Result bind(
      Node.Mapping tree, Map<String, String> environment, Problems problems, Advice advice) {
    return bind(tree, new NativeVariables(environment), problems, advice);
  }

  static Result bind(
      Node.Mapping tree, NativeVariables variables, Problems problems, Advice advice) {
    BindingContext context = new BindingContext(variables, problems, new Listing());
    AppSettings settings = new SettingsBinder(context, advice).root(tree);
    variables.reportUnknown(problems);
    return new Result(
        problems.isEmpty() ? settings : null,
        problems,
        context.listing()::yaml,
        List.copyOf(context.fileChecks()));
  }

  private @Nullable AppSettings root(Node.Mapping tree) {
    Node.Mapping spelledOut = withDrainTime(tree);
    Section root = Section.root(context, spelledOut).later("interceptors");
    Map<String, UpstreamSettings> upstreams = upstreams(root);
    UpstreamSettings main = upstreams.get(Entry.MAIN);
    Section adminSection = root.section("admin");
    AppSettings.Admin admin =
        AdminBinder.read(adminSection, main == null ? null : main.failoverTo());
    Map<String, String> virtualClusters = new LinkedHashMap<>();
    List<ListenerSettings> listeners = listeners(root, admin, virtualClusters);
    Tenancy tenancy = TenancyBinder.read(root.section("virtualClusters"), virtualClusters);
    GatewaySettings.Traffic traffic = traffic(root);
    DrainSettings drain = drain(root.section("drain"));
    AppSettings.Running running =
        running(
            tlsRefresh(root.section("tls")),
            reloadInterval(root.section("reload")),
            NodesBinder.read(root.section("nodes")),
            root.section("takeover"));
    HttpSettings http = http(root.section("http"));
    Log log = log(root.section("log"), upstreams.keySet());
    root.close();
    PortConflicts.check(listeners, http, context.problems());
    AppSettings.Admin checked =
        AdminBinder.checkUsers(
            adminSection, admin, http == null ? null : http.listen().host(), context.problems());
    upstreams.computeIfPresent(Entry.MAIN, (_, upstream) -> withMappedBrokers(upstream, listeners));
    GatewaySettings.problems(upstreams, listeners, tenancy)
        .forEach(problem -> context.problems().add(Origin.DEFAULT, problem));
    if (!context.problems().isEmpty()) {
      return null;
    }
    GatewaySettings gateway = new GatewaySettings(upstreams, listeners, traffic, drain, tenancy);
    return new AppSettings(gateway, http, checked, log, running);
  }

  private Map<String, UpstreamSettings> upstreams(Section root) {
    Map<String, UpstreamSettings> all = new LinkedHashMap<>();
    UpstreamBinder main = new UpstreamBinder(root.section("upstream"));
    all.put(Entry.MAIN, main.read("the brokers in the listeners' mappings"));
    brokersRefused = main.brokersRefused();
    List<String> names = root.names("upstreams");
    if (names.isEmpty()) {
      root.absent("upstreams", "no other clusters");
      return all;
    }
    Section others = root.section("upstreams");
    for (String name : names) {
      if (name.equals(Entry.MAIN)) {
        others.problem("", "the cluster main is described by the key upstream");
      }
      Section one = others.section(name);
      UpstreamSettings upstream = new UpstreamBinder(one).read("needed");
      if (upstream.bootstrapServers().equals(List.of(UpstreamBinder.NO_SERVERS)) && one.isFine()) {
        one.problem("", "the cluster has no bootstrapServers");
      }
      all.put(name, upstream);
    }
    others.close();
    return all;
  }

  /** Uses the mapped brokers as bootstrap servers if none are given. */
  private UpstreamSettings withMappedBrokers(
      UpstreamSettings upstream, List<ListenerSettings> listeners) {
    if (!upstream.bootstrapServers().equals(List.of(UpstreamBinder.NO_SERVERS))) {
      return upstream;
    }
    Set<HostPort> mapped = new LinkedHashSet<>();
    for (ListenerSettings listener : listeners) {
      if (listener.entry().cluster().equals(Entry.MAIN)
          && listener.routing() instanceof Routing.ByAddress byAddress) {
        byAddress.servers().forEach(mapping -> mapped.add(mapping.broker()));
      }
    }
    if (mapped.isEmpty()) {
      if (!brokersRefused) {
        context.problems().add(Origin.DEFAULT, advice.missingBrokers());
      }
      return upstream;
    }
    return upstream.withServers(List.copyOf(mapped));
  }

  /**
   * @param virtualClusters receives those that listeners name, by the names of the listeners
   */
  private List<ListenerSettings> listeners(
      Section root, AppSettings.Admin admin, Map<String, String> virtualClusters) {
    List<Supplier<Section>> sections = root.sections("listeners");
    if (sections.isEmpty()) {
      sections = List.of(() -> root.onlyItem("listeners"));
    }
    List<ListenerSettings> listeners = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int index = 0;
    for (Supplier<Section> section : sections) {
      Section opened = section.get();
      ListenerBinder binder = new ListenerBinder(opened, index++, admin.store());
      for (ListenerBinder.Bound bound : binder.read()) {
        String name = bound.listener().name();
        if (!names.add(name)) {
          opened.problem("name", "two listeners have the name '" + name + "'");
        }
        listeners.add(bound.listener());
        if (bound.virtualCluster() != null) {
          virtualClusters.put(name, bound.virtualCluster());
        }
      }
    }
    return listeners;
  }

  /** The refresh interval, which applies to the files of all {@code tls} sections. */
  private static Duration tlsRefresh(Section section) {
    Duration refresh =
        section.value(
            "refresh", AppSettings.DEFAULT_TLS_REFRESH, SettingsBinder::refresh, Durations::format);
    section.close();
    return refresh;
  }

  private static Duration reloadInterval(Section reload) {
    Duration interval =
        reload.value("interval", Duration.ZERO, SettingsBinder::refresh, Durations::format);
    reload.close();
    return interval;
  }

  private static AppSettings.Running running(
      Duration tlsRefresh, Duration reloadInterval, AppSettings.Nodes nodes, Section takeover) {
    Path socket = takeover.path("socket", "none");
    Duration timeout =
        takeover.value(
            "timeout",
            AppSettings.DEFAULT_TAKEOVER_TIMEOUT,
            SettingsBinder::takeoverTimeout,
            Durations::format);
    takeover.close();
    return new AppSettings.Running(tlsRefresh, socket, timeout, reloadInterval, nodes);
  }

  /** Limited because the running process waits at most ten minutes for the new one. */
  private static Duration takeoverTimeout(String text) {
    Duration timeout = Parse.duration(text, false);
    if (timeout.compareTo(MOST_TAKEOVER_TIMEOUT) > 0) {
      throw new IllegalArgumentException("'" + text + "' is more than 9m");
    }
    return timeout;
  }

  private static Duration refresh(String text) {
    Duration refresh = Parse.duration(text, true);
    if (!refresh.isZero()
        && (refresh.compareTo(LEAST_REFRESH) < 0 || refresh.compareTo(MOST_REFRESH) > 0)) {
      throw new IllegalArgumentException(
          "'" + text + "' is neither 0 (never) nor between 1s and 8760h (a year)");
    }
    return refresh;
  }

  /** Expands a plain duration to {@code drain.time}. */
  private Node.Mapping withDrainTime(Node.Mapping tree) {
    String key = "drain";
    String variable = NativeVariables.nameOf(key);
    String value = context.variables().take(variable);
    Node given =
        value == null
            ? tree.entries().get(key)
            : new Node.Scalar(value, new Origin.Variable(variable));
    if (!(given instanceof Node.Scalar time)) {
      return tree;
    }
    Node.Mapping alone = mapping("time", time, time.origin());
    return mapping(key, alone, tree.origin()).over(tree);
  }

  private static Node.Mapping mapping(String key, Node value, Origin origin) {
    return new Node.Mapping(new LinkedHashMap<>(Map.of(key, value)), origin);
  }

  private static DrainSettings drain(Section section) {
    DrainSettings or = DrainSettings.DEFAULT;
    Duration time = section.duration("time", or.time(), true);
    Duration delay = section.duration("delay", or.delay(), true);
    boolean spread = section.flag("spread", !delay.isZero());
    return section.make(() -> new DrainSettings(time, spread, delay), () -> or);
  }

  private GatewaySettings.Traffic traffic(Section root) {
    return new GatewaySettings.Traffic(
        limits(root.section("limits")),
        timeouts(root.section("timeouts")),
        sockets(root.section("sockets")),
        rules(root.section("rules")),
        logins(root.section("logins")));
  }

  private static LoginLimits logins(Section section) {
    LoginLimits or = LoginLimits.DEFAULT;
    int perName = section.number("failuresPerName", or.failuresPerName(), 0, ANY);
    int perAddress = section.number("failuresPerAddress", or.failuresPerAddress(), 0, ANY);
    Duration forgiveAfter = section.duration("forgiveAfter", or.forgiveAfter(), false);
    int atOnce = section.number("atOnce", or.atOnce(), 1, ANY);
    int atOncePerAddress = section.number("atOncePerAddress", or.atOncePerAddress(), 1, ANY);
    List<Network> exempt = section.list("exempt", "none", Network::parse, Network::toString);
    return section.make(
        () -> new LoginLimits(perName, perAddress, forgiveAfter, atOnce, atOncePerAddress, exempt),
        () -> or);
  }

  private static Limits limits(Section section) {
    Limits or = Limits.DEFAULT;
    int frame = (int) section.bytes("frame", or.frameBytes(), 1024, ANY);
    int connections = section.number("connections", or.connections(), 0, ANY);
    int perAddress = section.number("connectionsPerAddress", or.connectionsPerAddress(), 0, ANY);
    int inFlight = section.number("inFlightRequests", or.inFlightRequests(), 1, ANY);
    long buffered = section.bytes("buffered", or.bufferedBytes(), 1 << 20, Long.MAX_VALUE);
    long incomplete = section.bytes("incomplete", or.incompleteBytes(), 1024, Long.MAX_VALUE);
    return section.make(
        () -> new Limits(frame, connections, perAddress, inFlight, buffered, incomplete), () -> or);
  }

  private static Timeouts timeouts(Section section) {
    Timeouts or = Timeouts.DEFAULT;
    Duration connect = section.duration("connect", or.connect(), false);
    Duration firstRequest = section.duration("firstRequest", or.firstRequest(), false);
    Duration request = section.duration("request", or.request(), false);
    int rate = (int) section.bytes("requestRate", or.requestRate(), 1, ANY);
    Duration response = section.duration("response", or.response(), false);
    Duration idle = section.duration("idle", or.idle(), true);
    return section.make(
        () -> new Timeouts(connect, firstRequest, request, rate, response, idle), () -> or);
  }

  private static SocketSettings sockets(Section section) {
    SocketSettings or = SocketSettings.DEFAULT;
    SocketSettings.Side client = side(section.section("client"));
    SocketSettings.Side broker = side(section.section("broker"));
    int backlog = section.number("backlog", or.backlog(), 1, ANY);
    int eventLoops = section.number("eventLoops", or.eventLoops(), 0, 1024);
    return section.make(() -> new SocketSettings(client, broker, backlog, eventLoops), () -> or);
  }

  private static SocketSettings.Side side(Section section) {
    SocketSettings.Side or = SocketSettings.Side.DEFAULT;
    Duration keepAlive = section.duration("keepAlive", or.keepAlive(), true);
    int receive = (int) section.bytes("receiveBuffer", or.receiveBuffer(), 0, ANY);
    int send = (int) section.bytes("sendBuffer", or.sendBuffer(), 0, ANY);
    return section.make(() -> new SocketSettings.Side(keepAlive, receive, send), () -> or);
  }

  private static ApiRules rules(Section section) {
    List<Integer> forbidden =
        section.list("forbiddenApis", "none", ApiNames::keyOf, String::valueOf);
    boolean acksZero = section.flag("acksZeroForbidden", false);
    ApiRules.Unknown unknown =
        section.choice("unknownApis", ApiRules.NONE.unknown(), ApiRules.Unknown.class);
    List<String> admins =
        section.list(
            "credentialAdmins", "nobody", SettingsBinder::accountName, Function.identity());
    return section.make(
        () -> new ApiRules(new HashSet<>(forbidden), acksZero, unknown, Set.copyOf(admins)),
        () -> ApiRules.NONE);
  }

  static String accountName(String text) {
    if (text.isBlank() || ControlCharacters.in(text)) {
      throw new IllegalArgumentException("the name of a service account is empty or unreadable");
    }
    return text;
  }

  private @Nullable HttpSettings http(Section section) {
    boolean enabled = section.flag("enabled", true);
    String host = section.value("host", "127.0.0.1", Parse::host, Function.identity());
    int port = section.number("port", 8888, 0, 65535);
    HttpSettings.Surface or = HttpSettings.Surface.GATEHOUSE;
    String health = section.text("healthPath", or.healthPath());
    String metrics = section.text("metricsPath", or.metricsPath());
    HttpSettings.Style style = section.choice("style", or.style(), HttpSettings.Style.class);
    boolean secured = section.flag("securedMetrics", false);
    ServerTls tls = null;
    if (section.has("tls")) {
      tls = TlsBinder.ofListener(section.section("tls"), true);
    } else {
      section.absent("tls", "plaintext");
    }
    HttpSettings settings =
        HttpSettings.at(host, port, settingOf(section.originOf("port")))
            .with(new HttpSettings.Security(tls, secured));
    HttpSettings complete =
        section.make(
            () -> settings.with(new HttpSettings.Surface(style, health, metrics)), () -> settings);
    return enabled ? complete : null;
  }

  /** The setting to change for another HTTP port. */
  private String settingOf(Origin origin) {
    return switch (origin) {
      case Origin.InFile file -> "http.port (" + file + ")";
      case Origin.Variable variable -> variable.name();
      case Origin.Flag flag -> flag.name();
      case Origin.BuiltIn _ -> advice.httpPort();
    };
  }

  private static Log log(Section section, Set<String> clusters) {
    Log.Format format = section.choice("format", Log.Format.TEXT, Log.Format.class);
    Level level = section.choice("level", Level.INFO, Level.class);
    Map<String, Level> levels =
        section.map("levels", String::strip, text -> Parse.choice(text, Level.class));
    Log.Fields fields = fields(section.section("fields"));
    Section auditSection = section.section("audit");
    Path file = auditSection.path("file", "standard output");
    int rate = auditSection.number("rate", Log.AuditLog.DEFAULT.rate(), 0, ANY);
    AuditTopicSettings topic = null;
    if (auditSection.has("topic")) {
      topic = AuditTopicBinder.read(auditSection.section("topic"), clusters);
    } else {
      auditSection.absent("topic", "none");
    }
    auditSection.close();
    section.close();
    return new Log(format, level, levels, fields, new Log.AuditLog(file, rate, topic));
  }

  private static Log.Fields fields(Section section) {
    Log.Fields or = Log.Fields.DEFAULT;
    String level = section.text("level", or.level());
    String time = section.text("time", or.time());
    String message = section.text("message", or.message());
    return section.make(() -> new Log.Fields(level, time, message), () -> or);
  }
}
