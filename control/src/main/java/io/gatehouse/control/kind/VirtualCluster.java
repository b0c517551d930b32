package io.gatehouse.control.kind;

import io.gatehouse.control.doc.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster that exists only for the clients of one tenant.
 *
 * @param prefix what the physical names of its topics, groups and transactional ids begin with;
 *     empty for one that the gateway chooses, see {@link #withPrefix}
 * @param usage how much of the brokers it may use
 */
public record VirtualCluster(
    String name, Type type, String prefix, Access access, ClusterUsage usage) implements Resource {

  /** One without limits. */
  public VirtualCluster(String name, Type type, String prefix, Access access) {
    this(name, type, prefix, access, ClusterUsage.UNLIMITED);
  }

  private static final Pattern TOPIC_PREFIX = Pattern.compile("[a-zA-Z0-9._-]{1,100}");

  /** Which physical clusters it shows. */
  public enum Type {
    /** The main one. */
    STANDARD("Standard"),
    /** Topics of one other cluster, by alias. */
    PARTNER("Partner");

    private final String label;

    Type(String label) {
      this.label = label;
    }
  }

  /** Who changes the access rules. */
  public enum AclMode {
    /** The super users, with the requests of Kafka. */
    KAFKA_API,
    /** The writers of this resource, which contains all access rules. */
    REST_API
  }

  /**
   * What users may do in the virtual cluster.
   *
   * @param enabled whether there are any limits
   * @param superUsers names of accounts; they need not exist yet
   */
  public record Access(boolean enabled, AclMode mode, List<String> superUsers, List<Acl> acls) {
    public Access {
      superUsers = List.copyOf(superUsers);
      acls = List.copyOf(acls);
    }
  }

  @Override
  public Key key() {
    return Key.of(Kind.VIRTUAL_CLUSTER, name);
  }

  /** Whether somebody has chosen its prefix. */
  public boolean hasPrefix() {
    return !prefix.isEmpty();
  }

  public VirtualCluster withPrefix(String chosen) {
    return new VirtualCluster(name, type, chosen, access, usage);
  }

  /**
   * Reads one whose prefix may be left to the gateway.
   *
   * @throws InvalidException with all that is wrong
   */
  public static VirtualCluster read(Value document) throws InvalidException {
    Parts parts = Parts.of(document, Kind.VIRTUAL_CLUSTER);
    String name = parts.metadata().text("name", ServiceAccount.VIRTUAL_CLUSTER);
    if (AliasTopic.isRelative(name)) {
      parts.metadata().problem("name", "topics cannot begin with . or .. alone");
    }
    Fields spec = parts.spec();
    Type type = spec.choice("type", Type.STANDARD);
    String prefix = spec.text("prefix", TOPIC_PREFIX, "");
    Access access = access(spec, type);
    ClusterUsage usage = ClusterUsage.read(spec);
    spec.readOnly("bootstrapServers");
    spec.readOnly("clientProperties");
    parts.end();
    return new VirtualCluster(name, type, prefix, access, usage);
  }

  /**
   * Reads one of a store, where the prefix is written unless it is the name.
   *
   * @throws InvalidException with all that is wrong
   */
  static VirtualCluster readStored(Value document) throws InvalidException {
    VirtualCluster read = read(document);
    return read.hasPrefix() ? read : read.withPrefix(read.name);
  }

  private static Access access(Fields spec, Type type) {
    boolean enabled = spec.flag("aclEnabled", false);
    AclMode mode = spec.choice("aclMode", AclMode.KAFKA_API);
    List<String> superUsers = spec.texts("superUsers", null);
    List<Acl> acls = Acl.readAll(spec);
    if (mode == AclMode.KAFKA_API && spec.isGiven("acls")) {
      spec.problem("acls", "rules stand here with aclMode REST_API only");
    }
    if (mode == AclMode.REST_API && !spec.isGiven("acls")) {
      spec.problem("acls", "it is missing: with aclMode REST_API all rules stand here");
    }
    if (mode == AclMode.REST_API && !superUsers.isEmpty()) {
      spec.problem("superUsers", "they manage rules with aclMode KAFKA_API only");
    }
    if (type == Type.PARTNER && !enabled) {
      spec.problem("aclEnabled", "it must be true for the type Partner");
    }
    if (type == Type.PARTNER && mode == AclMode.KAFKA_API && superUsers.isEmpty()) {
      spec.problem("superUsers", "there is none; the type Partner needs one");
    }
    return new Access(enabled, mode, superUsers, acls);
  }

  @Override
  public Map<String, @Nullable Object> document(boolean defaults) {
    Map<String, @Nullable Object> spec = Fields.map();
    if (defaults || access.enabled) {
      spec.put("aclEnabled", access.enabled);
    }
    boolean byKafka = access.mode == AclMode.KAFKA_API;
    if (defaults || !byKafka) {
      spec.put("aclMode", access.mode.name());
    }
    if (byKafka && (defaults || !access.superUsers.isEmpty())) {
      spec.put("superUsers", access.superUsers);
    }
    if (!byKafka) {
      spec.put("acls", access.acls.stream().map(Acl::document).toList());
    }
    if (defaults || type != Type.STANDARD) {
      spec.put("type", type.label);
    }
    if (hasPrefix() && !prefix.equals(name)) {
      spec.put("prefix", prefix);
    }
    usage.write(spec);
    return Resource.document(Kind.VIRTUAL_CLUSTER, Fields.map("name", name), spec);
  }
}
