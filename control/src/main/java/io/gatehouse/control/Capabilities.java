package io.gatehouse.control;

import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import java.util.List;
import java.util.Set;

/**
 * What this gateway can do with resources.
 *
 * @param kinds those with an effect; resources of other kinds are validated and refused
 * @param plugins what interceptors can be made of
 * @param physicalClusters the names of the Kafka clusters
 * @param values follows references in the configurations of interceptors
 */
public record Capabilities(
    Set<Kind> kinds, List<Plugin> plugins, Set<String> physicalClusters, Substitution values) {
  public Capabilities {
    kinds = Set.copyOf(kinds);
    plugins = List.copyOf(plugins);
    physicalClusters = Set.copyOf(physicalClusters);
  }

  /** Those of this version. */
  public static Capabilities present() {
    return new Capabilities(
        Kind.withEffect(),
        List.of(),
        Set.of(AliasTopic.MAIN),
        Substitution.ofResources(System.getenv()));
  }
}
