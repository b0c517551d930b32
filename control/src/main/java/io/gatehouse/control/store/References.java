package io.gatehouse.control.store;

import io.gatehouse.auth.User;
import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.ConcentratedTopic;
import io.gatehouse.control.kind.ConcentrationRule;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Scope;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.VirtualCluster;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether the resources of a snapshot fit together after a change: what they refer to exists, what
 * is deleted is referred to by none, and what must be unique is.
 */
public final class References {

  /** Of each kind, so that a message has a limit. */
  private static final int NAMES_SHOWN = 20;

  private static final String UNREADABLE = "(one that you may not read)";

  private final Snapshot before;
  private final Snapshot after;
  private final Predicate<Key> readable;
  private final List<Problem> problems = new ArrayList<>();
  private @Nullable Map<AliasedTopic, List<AliasTopic>> aliasesOfTopics;

  /**
   * Something that does not fit.
   *
   * @param key the resource that it is about
   * @param missing whether something does not exist; otherwise two resources conflict
   * @param title the same for all problems of its sort
   */
  public record Problem(Key key, boolean missing, String title, String message) {}

  /** The resources before and after a change, for a user who may read them all. */
  public References(Snapshot before, Snapshot after) {
    this(before, after, _ -> true);
  }

  /**
   * The resources before and after a change.
   *
   * @param readable what the user may read; messages name no other resources
   */
  public References(Snapshot before, Snapshot after, Predicate<Key> readable) {
    this.before = before;
    this.after = after;
    this.readable = readable;
  }

  /** What does not fit among resources that are all there are. */
  public static List<Problem> problemsAmong(List<Resource> all) {
    Map<Key, Resource> resources = new LinkedHashMap<>();
    all.forEach(one -> resources.put(one.key(), one));
    References references = new References(Snapshot.EMPTY, new Snapshot(0, resources));
    return all.stream().flatMap(one -> references.problemsOf(one).stream()).toList();
  }

  /** What does not fit of a resource that the change created or replaced. */
  public List<Problem> problemsOf(Resource resource) {
    problems.clear();
    check(resource);
    return List.copyOf(problems);
  }

  /** What does not fit without a resource that the change deleted. */
  public List<Problem> problemsWithout(Key key) {
    problems.clear();
    checkDeleted(key);
    return List.copyOf(problems);
  }

  private void missing(Resource resource, String title, String message) {
    problems.add(new Problem(resource.key(), true, title, message));
  }

  private void conflict(Key key, String title, String message) {
    problems.add(new Problem(key, false, title, message));
  }

  private void check(Resource resource) {
    switch (resource) {
      case VirtualCluster cluster -> check(cluster);
      case ServiceAccount account -> check(account);
      case Group group -> check(group);
      case Interceptor interceptor -> check(interceptor);
      case AliasTopic alias -> {
        requireCluster(alias, alias.id().tenant(), NO_CLUSTER);
        check(alias);
      }
      case ConcentrationRule rule -> requireCluster(rule, rule.id().tenant(), NO_CLUSTER);
      case ConcentratedTopic topic -> requireCluster(topic, topic.id().tenant(), NO_CLUSTER);
      case AccessRules rules -> requireCluster(rules, rules.virtualCluster(), NO_CLUSTER);
      default -> {}
    }
  }

  private static final String PREFIX_USED =
      "The given prefix is already used by another virtual cluster";
  private static final String NO_CLUSTER = "The given virtual cluster does not exist";

  private void requireCluster(Resource resource, @Nullable String cluster, String title) {
    if (cluster != null && !after.hasVirtualCluster(cluster)) {
      missing(resource, title, "There is no virtual cluster %s.".formatted(cluster));
    }
  }

  private void check(VirtualCluster cluster) {
    VirtualCluster old = before.get(cluster.key(), VirtualCluster.class);
    if (old != null && old.access().mode() != cluster.access().mode()) {
      conflict(
          cluster.key(),
          "The ACL mode of a virtual cluster cannot be changed",
          "spec.aclMode: it is %s since the virtual cluster %s exists."
              .formatted(old.access().mode(), cluster.name()));
    }
    if (old != null && !old.prefix().equals(cluster.prefix())) {
      conflict(
          cluster.key(),
          "The prefix of a virtual cluster cannot be changed",
          "spec.prefix: it is '%s' since the virtual cluster %s exists, and its topics have it."
              .formatted(old.prefix(), cluster.name()));
    }
    after
        .all(VirtualCluster.class)
        .filter(other -> !other.name().equals(cluster.name()) && overlap(cluster, other))
        .forEach(other -> conflict(cluster.key(), PREFIX_USED, overlapping(cluster, other)));
  }

  private String overlapping(VirtualCluster cluster, VirtualCluster other) {
    String separated =
        " Choose a prefix that ends in a separator, such as '%s-'.".formatted(cluster.name());
    if (!readable.test(other.key())) {
      return "spec.prefix: '%s' begins like the prefix of another virtual cluster."
              .formatted(cluster.prefix())
          + separated;
    }
    // A separator at the end changes nothing if the prefix of the other one has none.
    String advice =
        cluster.name().startsWith(other.prefix())
            ? " Choose a prefix that does not begin with '%s'.".formatted(other.prefix())
            : separated;
    return ("spec.prefix: topics of the virtual clusters %s and %s could have the same"
                + " physical name, because their prefixes '%s' and '%s' begin alike.")
            .formatted(cluster.name(), other.name(), cluster.prefix(), other.prefix())
        + advice;
  }

  /** Whether two virtual clusters cannot exist together. */
  static boolean overlap(VirtualCluster one, VirtualCluster other) {
    return one.prefix().startsWith(other.prefix())
        || other.prefix().startsWith(one.prefix())
        || one.name().equals(other.prefix())
        || other.name().equals(one.prefix());
  }

  private void check(ServiceAccount account) {
    requireCluster(
        account,
        account.id().tenant(),
        "The given service account references a non-existing virtual cluster");
    for (String name : account.externalNames()) {
      ServiceAccount other = after.otherWithExternalName(name, account);
      if (other != null) {
        conflict(
            account.key(),
            "The service account already exist",
            "The external name '%s' is that of %s already."
                .formatted(
                    name,
                    readable.test(other.key())
                        ? "the service account " + other.key().shown()
                        : "another service account"));
      }
    }
  }

  private void check(Group group) {
    String missing =
        group.members().stream()
            .map(member -> new Key(Kind.SERVICE_ACCOUNT, member))
            .filter(member -> after.get(member) == null)
            .limit(NAMES_SHOWN)
            .map(Key::shown)
            .collect(Collectors.joining(", "));
    if (!missing.isEmpty()) {
      missing(
          group,
          "The group contains a service account that does not exist",
          "There is no service account %s.".formatted(missing));
    }
  }

  private void check(Interceptor interceptor) {
    String title = "The virtual cluster or the group specified in the scope does not exist";
    requireCluster(interceptor, interceptor.scope().vCluster(), title);
    String group = interceptor.scope().group();
    if (group != null && after.get(Key.of(Kind.GROUP, group)) == null) {
      missing(interceptor, title, "There is no group %s.".formatted(group));
    }
  }

  private void check(AliasTopic alias) {
    AliasTopic old = before.get(alias.key(), AliasTopic.class);
    if (old != null && !old.physicalCluster().equals(alias.physicalCluster())) {
      conflict(
          alias.key(),
          "The physical cluster of an alias topic cannot be changed",
          "spec.physicalCluster: it is '%s' since the alias topic %s exists."
              .formatted(old.physicalCluster(), alias.key().shown()));
    }
    String name = alias.virtualCluster();
    VirtualCluster cluster = after.get(Key.of(Kind.VIRTUAL_CLUSTER, name), VirtualCluster.class);
    boolean partner = cluster != null && cluster.type() == VirtualCluster.Type.PARTNER;
    if (!partner && !alias.physicalCluster().equals(AliasTopic.MAIN)) {
      conflict(
          alias.key(),
          "The virtual cluster is of type Standard and does not target main physical cluster",
          "spec.physicalCluster: '%s' is not main, and the virtual cluster %s is not of type Partner."
              .formatted(alias.physicalCluster(), name));
    }
    if (cluster != null && alias.physicalName().startsWith(cluster.prefix())) {
      conflict(
          alias.key(),
          "The virtual cluster has the physical topic already",
          "spec.physicalName: '%s' begins with the prefix of the virtual cluster %s, whose clients see it as '%s'."
              .formatted(
                  alias.physicalName(),
                  name,
                  alias.physicalName().substring(cluster.prefix().length())));
    }
    aliasesOfTopics().getOrDefault(AliasedTopic.of(alias), List.of()).stream()
        .filter(other -> !other.id().equals(alias.id()))
        .findFirst()
        .ifPresent(other ->
            conflict(
                alias.key(),
                "The physical topic has another alias in the virtual cluster",
                "spec.physicalName: '%s' has the alias %s in the virtual cluster %s already."
                    .formatted(
                        alias.physicalName(),
                        readable.test(other.key()) ? "'" + other.id().name() + "'" : UNREADABLE,
                        name)));
  }

  /** A physical topic that a virtual cluster has aliases of. */
  private record AliasedTopic(String virtualCluster, String physicalName, String physicalCluster) {

    static AliasedTopic of(AliasTopic alias) {
      return new AliasedTopic(
          alias.virtualCluster(), alias.physicalName(), alias.physicalCluster());
    }
  }

  private Map<AliasedTopic, List<AliasTopic>> aliasesOfTopics() {
    Map<AliasedTopic, List<AliasTopic>> known = aliasesOfTopics;
    if (known == null) {
      known = after.all(AliasTopic.class).collect(Collectors.groupingBy(AliasedTopic::of));
      aliasesOfTopics = known;
    }
    return known;
  }

  private void checkDeleted(Key key) {
    if (after.get(key) != null) {
      return;
    }
    String name = key.id().name();
    switch (key.kind()) {
      case VIRTUAL_CLUSTER ->
          unused(
              key,
              "The given virtual cluster has references (logical topics, interceptors,"
                  + " concentration rules, service accounts) and cannot be deleted",
              one -> name.equals(cluster(one)));
      case GROUP ->
          unused(
              key,
              "The group is still referenced by interceptors",
              one -> one instanceof Interceptor by && name.equals(by.scope().group()));
      case SERVICE_ACCOUNT ->
          unused(
              key,
              "The service account is still used by groups",
              one -> one instanceof Group group && group.members().contains(key.id()));
      default -> {}
    }
  }

  /** What must exist because of a resource. */
  static List<Key> referredBy(Resource resource) {
    List<Key> keys = new ArrayList<>();
    String cluster = cluster(resource);
    if (cluster != null) {
      keys.add(Key.of(Kind.VIRTUAL_CLUSTER, cluster));
    }
    if (resource instanceof Group group) {
      group.members().forEach(member -> keys.add(new Key(Kind.SERVICE_ACCOUNT, member)));
    } else if (resource instanceof Interceptor by && by.scope().group() != null) {
      keys.add(Key.of(Kind.GROUP, by.scope().group()));
    }
    return keys;
  }

  private static @Nullable String cluster(Resource resource) {
    return switch (resource) {
      case ServiceAccount(User id, var _, var _) -> id.tenant();
      case AliasTopic(User id, var _, var _, var _) -> id.tenant();
      case ConcentrationRule rule -> rule.id().tenant();
      case ConcentratedTopic(User id, var _) -> id.tenant();
      case AccessRules rules -> rules.virtualCluster();
      case Interceptor(var _, Scope scope, var _) -> scope.vCluster();
      default -> null;
    };
  }

  private void unused(Key key, String title, Predicate<Resource> refers) {
    Map<Kind, List<String>> users = new LinkedHashMap<>();
    after
        .all()
        .filter(refers)
        .map(Resource::key)
        .forEach(by ->
            users
                .computeIfAbsent(by.kind(), _ -> new ArrayList<>())
                .add(readable.test(by) ? by.id().name() : UNREADABLE));
    if (!users.isEmpty()) {
      conflict(
          key,
          title,
          "The %s %s is still used by the following %s"
              .formatted(
                  key.kind().words(),
                  key.shown(),
                  users.entrySet().stream()
                      .map(by -> by.getKey().words() + "(s): " + names(by.getValue()))
                      .collect(Collectors.joining("; "))));
    }
  }

  private static String names(List<String> names) {
    int more = names.size() - NAMES_SHOWN;
    return Stream.concat(
            names.stream().limit(NAMES_SHOWN),
            more > 0 ? Stream.of("and " + more + " more") : Stream.empty())
        .collect(Collectors.joining(", "));
  }
}
