package io.gatehouse.app.config;

import io.gatehouse.gateway.settings.HostPattern;
import io.gatehouse.gateway.settings.Routing;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the {@code sni} of a listener: the host names of all its clients, and those of the clients
 * of some virtual clusters.
 */
final class SniBinder {

  private final Section sni;
  private final @Nullable String advertisedHost;

  /**
   * @param advertisedHost the default bootstrap host; null for none
   */
  SniBinder(Section sni, @Nullable String advertisedHost) {
    this.sni = sni;
    this.advertisedHost = advertisedHost;
  }

  /**
   * The names of the listener itself, with the key null, and those of virtual clusters.
   *
   * @param placeholder stands for names that are not valid
   */
  Map<@Nullable String, Routing> read(Routing placeholder) {
    String port =
        sni.value("port", Integer.toString(ListenerBinder.DEFAULT_PORT), SniBinder::single, p -> p);
    Names names = Names.read(sni, advertisedHost);
    boolean required = sni.flag("required", false);
    Map<@Nullable String, Routing> all = new LinkedHashMap<>();
    all.put(null, placeholder);
    if (!sni.has("virtualClusters")) {
      sni.absent("virtualClusters", "no names of their own");
    }
    for (Supplier<Section> item : sni.sections("virtualClusters")) {
      Section opened = item.get();
      String cluster = opened.optionalText("name", "missing", TenancyBinder::name);
      Names own = Names.read(opened, null);
      Routing routing =
          opened.make(() -> own.routing(port, required, placeholder), () -> placeholder);
      if (cluster == null) {
        opened.problem("", "the key name is missing: that of a virtual cluster");
      } else if (all.put(cluster, routing) != null) {
        opened.problem("name", "the virtual cluster '" + cluster + "' has names already");
      }
    }
    all.put(null, sni.make(() -> names.routing(port, required, placeholder), () -> placeholder));
    return all;
  }

  private static String single(String text) {
    PortSpec.single(text);
    return text;
  }

  /** The host names of the brokers, and for bootstrapping. */
  private record Names(@Nullable HostPattern brokers, @Nullable String bootstrap) {

    static Names read(Section section, @Nullable String usual) {
      HostPattern pattern =
          section.optional("brokerHost", "missing", HostPattern::parse, HostPattern::toString);
      String given =
          section.optionalText(
              "bootstrapHost", usual == null ? "missing" : usual, Parse::advertisedHost);
      String host = given != null ? given : usual;
      if (section.isFine() && pattern == null) {
        section.problem(
            "", "the key brokerHost is missing, for example broker-{{nodeId}}.kafka.example.com");
      } else if (section.isFine() && host == null) {
        section.problem("", "the key bootstrapHost is missing, for example kafka.example.com");
      }
      return new Names(pattern, host);
    }

    Routing routing(String port, boolean required, Routing placeholder) {
      return brokers == null || bootstrap == null
          ? placeholder
          : new Routing.BySni(PortSpec.single(port), brokers, bootstrap, required);
    }
  }
}
