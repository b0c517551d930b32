package io.gatehouse.control;

import io.gatehouse.auth.Nearest;
import io.gatehouse.control.Capabilities.Feature;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Whether resources are of use in this gateway, with its settings and capabilities.
 *
 * @param told what the user may be told about
 * @param rights of the user, to whom messages name only what may be read
 */
record Admission(Logins logins, Capabilities capabilities, Told told, Rights rights) {

  private static final String INVALID = "The request is not valid";

  private static final Pattern INTERNAL_TOPIC = Pattern.compile("__|_gatehouse");

  /** What a check may look at, because its result tells the user about it. */
  enum Told {
    /** Other resources, and the variables and files that configurations refer to. */
    EVERYTHING,
    /** Other resources. */
    RESOURCES,
    /** Only the resource itself. */
    ITSELF
  }

  Admission(Logins logins, Capabilities capabilities, Rights rights) {
    this(logins, capabilities, Told.EVERYTHING, rights);
  }

  /** The same for a user who may be told this. */
  Admission telling(Told most) {
    return new Admission(logins, capabilities, most, rights);
  }

  boolean mayRead(Key key) {
    return rights.permit(Rights.Verb.READ, key);
  }

  boolean prunes(Key key) {
    return rights.prune(key);
  }

  boolean tellsReferences() {
    return told != Told.ITSELF;
  }

  /**
   * @throws Refusal when the resource could have no effect
   */
  void check(Resource resource) throws Refusal {
    switch (resource) {
      case ServiceAccount account -> requireLogin(account.type());
      case VirtualCluster cluster -> check(cluster);
      case AliasTopic alias -> check(alias);
      case Interceptor interceptor -> check(interceptor);
      default -> {}
    }
  }

  /** The same for a dry run, which is as if all kinds had an effect. */
  Admission ofAnyKind() {
    return new Admission(
        logins,
        new Capabilities(
            EnumSet.allOf(Kind.class),
            EnumSet.allOf(Feature.class),
            capabilities.plugins(),
            capabilities.physicalClusters(),
            capabilities.values()),
        told,
        rights);
  }

  /** Whether it is the key of something that is there without being a resource. */
  boolean isBuiltIn(Key key) {
    return key.equals(Key.of(Kind.VIRTUAL_CLUSTER, Key.PASSTHROUGH));
  }

  /** The refusal to delete that. */
  Refusal builtIn() {
    return new Refusal(
        Reason.INVALID,
        "Default `passthrough` virtual cluster cannot be deleted",
        "The virtual cluster passthrough cannot be deleted.");
  }

  /**
   * The last check, because users are told first what is wrong with a resource itself.
   *
   * @throws Refusal when this version does nothing with resources of its kind, or with something
   *     that it asks for
   */
  void requireEffect(Resource resource) throws Refusal {
    Kind kind = resource.key().kind();
    if (!capabilities.kinds().contains(kind)) {
      throw withoutEffect("Resources of kind %s".formatted(kind.label()));
    }
    if (resource instanceof AliasTopic alias && alias.isOfPassthrough()) {
      require(Feature.PASSTHROUGH_ALIASES, "metadata.vCluster: alias topics of passthrough");
    }
    if (resource instanceof VirtualCluster cluster) {
      if (cluster.type() == VirtualCluster.Type.PARTNER) {
        require(Feature.PARTNER_CLUSTERS, "spec.type: virtual clusters of type Partner");
      }
      if (cluster.access().enabled()) {
        require(Feature.ACLS, "spec.aclEnabled: ACLs of virtual clusters");
      }
    }
  }

  private void require(Feature feature, String what) throws Refusal {
    if (!capabilities.features().contains(feature)) {
      throw withoutEffect(what);
    }
  }

  private static Refusal withoutEffect(String what) {
    return new Refusal(
        Reason.INVALID,
        INVALID,
        what
            + " are not supported by this version: it is valid, but would have no effect, so it is"
            + " not stored.");
  }

  /** The prefix of a virtual cluster whose creator has not chosen one. */
  String defaultPrefix(String virtualCluster) {
    return virtualCluster + logins.prefixSeparator();
  }

  private void requireLogin(ServiceAccount.Type type) throws Refusal {
    if (!logins.take(type)) {
      String need =
          type == ServiceAccount.Type.LOCAL
              ? "no listener lets clients log in at the gateway with SASL"
              : "no listener authenticates clients whom others know, by tokens of an identity"
                  + " provider (OAUTHBEARER), passwords of files or directories, or certificates";
      throw new Refusal(
          Reason.INVALID,
          INVALID,
          "Service accounts of type %s are of no use here: %s.".formatted(type, need));
    }
  }

  private void check(VirtualCluster cluster) throws Refusal {
    if (cluster.name().equals(Key.PASSTHROUGH)) {
      throw new Refusal(
          Reason.INVALID,
          "Wrong format or usage of reserved keywords (e.g. passthrough)",
          "metadata.name: 'passthrough' is the virtual cluster of all clients without another one,"
              + " and cannot be changed.");
    }
    // Topics of Kafka itself and of gateways begin like this.
    if (cluster.prefix().startsWith("_")) {
      throw new Refusal(
          Reason.INVALID,
          INVALID,
          "spec.prefix: '%s' begins as internal topics of Kafka and of gateways do. Choose another."
              .formatted(cluster.prefix()));
    }
    if (!logins.take(ServiceAccount.Type.LOCAL)
        && !logins.take(ServiceAccount.Type.EXTERNAL)
        && !logins.leadTo(cluster.name())) {
      throw new Refusal(
          Reason.INVALID,
          "Virtual cluster is not supported on security protocol PLAINTEXT",
          "No listener authenticates clients, so none could belong to the virtual cluster %s."
              .formatted(cluster.name()));
    }
  }

  private void check(AliasTopic alias) throws Refusal {
    for (String name : List.of(alias.id().name(), alias.physicalName())) {
      if (name.chars().noneMatch(Character::isLetterOrDigit)) {
        throw new Refusal(
            Reason.INVALID,
            INVALID,
            "'%s': an alias topic and its physical topic have a letter or a digit in their names."
                .formatted(name));
      }
    }
    if (rights.permit(Rights.Verb.WRITE, alias.key())
        && !rights.permit(Rights.Verb.WRITE, alias.inPassthrough().key())) {
      throw new Refusal(
          Reason.FORBIDDEN,
          "The user may not do that",
          "An alias can be of any topic of the cluster. So whoever writes one needs the right to"
              + " write alias topics of passthrough, too.");
    }
    if (INTERNAL_TOPIC.matcher(alias.physicalName()).lookingAt()) {
      throw new Refusal(
          Reason.INVALID,
          INVALID,
          "spec.physicalName: '%s' begins like an internal topic of Kafka or of gateways."
              .formatted(alias.physicalName()));
    }
    if (!capabilities.physicalClusters().contains(alias.physicalCluster())) {
      throw new Refusal(
          Reason.CONFLICT,
          "The virtual cluster is of type Partner and does not target a valid physical cluster",
          "spec.physicalCluster: there is no physical cluster '%s'%s."
              .formatted(
                  alias.physicalCluster(),
                  Nearest.hintOrAll(
                      alias.physicalCluster(),
                      capabilities.physicalClusters().stream().sorted().toList())));
    }
  }

  private void check(Interceptor interceptor) throws Refusal {
    String wanted = interceptor.spec().pluginClass();
    List<String> classes = capabilities.plugins().stream().map(Plugin::pluginClass).toList();
    if (!classes.contains(wanted)) {
      throw new Refusal(
          Reason.INVALID,
          INVALID,
          "spec.pluginClass: there is no plugin '%s'%s."
              .formatted(
                  wanted,
                  classes.isEmpty()
                      ? ": this version has none yet"
                      : Nearest.hintOrAll(wanted, classes)));
    }
    if (told != Told.EVERYTHING) {
      return;
    }
    try {
      interceptor.spec().resolve(capabilities.values());
    } catch (InvalidException e) {
      throw new Refusal(Reason.INVALID, INVALID, String.valueOf(e.getMessage()));
    }
  }
}
