package io.gatehouse.control;

import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What this gateway can do with resources.
 *
 * @param kinds those with an effect; resources of other kinds are validated and refused
 * @param features those with an effect; resources that ask for others are validated and refused
 * @param plugins what interceptors can be made of
 * @param physicalClusters the names of the Kafka clusters
 * @param values follows references in the configurations of interceptors
 */
public record Capabilities(
    Set<Kind> kinds,
    Set<Feature> features,
    List<Plugin> plugins,
    Set<String> physicalClusters,
    Substitution values) {

  /** What resources of a kind with an effect may ask for. */
  public enum Feature {
    /** ACLs in virtual clusters. */
    ACLS,
    /** Alias topics for clients that see the cluster as it is. */
    PASSTHROUGH_ALIASES,
    /** Virtual clusters that show topics of another physical cluster. */
    PARTNER_CLUSTERS
  }

  public Capabilities {
    kinds = Set.copyOf(kinds);
    features = Set.copyOf(features);
    plugins = List.copyOf(plugins);
    physicalClusters = Set.copyOf(physicalClusters);
  }

  /** With all features. */
  public Capabilities(
      Set<Kind> kinds, List<Plugin> plugins, Set<String> physicalClusters, Substitution values) {
    this(kinds, EnumSet.allOf(Feature.class), plugins, physicalClusters, values);
  }

  /** Those of this version. */
  public static Capabilities present() {
    return new Capabilities(
        Kind.withEffect(),
        Set.of(Feature.ACLS),
        List.of(),
        Set.of(AliasTopic.MAIN),
        Substitution.ofResources(System.getenv()));
  }
}
