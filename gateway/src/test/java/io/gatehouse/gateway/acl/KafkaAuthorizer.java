package io.gatehouse.gateway.acl;

import io.gatehouse.testkit.BrokerClasses;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.Monitorable;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.Authorizer;

/** Kafka's own {@code StandardAuthorizer}, which tests compare with. */
public final class KafkaAuthorizer implements AutoCloseable {

  private static final String PACKAGE = "org.apache.kafka.metadata.authorizer.";

  private final BrokerClasses classes = BrokerClasses.load();
  private final Metrics metrics = new Metrics();
  private final Authorizer authorizer;
  private final Method loadSnapshot;
  private final Method fromBinding;

  KafkaAuthorizer() throws ReflectiveOperationException {
    Class<?> type = classes.loadClass(PACKAGE + "StandardAuthorizer");
    authorizer = (Authorizer) type.getConstructor().newInstance();
    ((Monitorable) authorizer).withPluginMetrics(new PluginMetricsImpl(metrics, Map.of()));
    loadSnapshot = type.getMethod("loadSnapshot", Map.class);
    fromBinding =
        classes
            .loadClass(PACKAGE + "StandardAcl")
            .getMethod("fromAclBinding", org.apache.kafka.common.acl.AclBinding.class);
    use(new AclRules.Settings(Set.of(), false));
    type.getMethod("completeInitialLoad").invoke(authorizer);
  }

  void use(AclRules.Settings settings) {
    authorizer.configure(
        Map.of(
            "super.users",
            settings.superUsers().stream()
                .map(Principal::toString)
                .collect(Collectors.joining(";")),
            "allow.everyone.if.no.acl.found",
            String.valueOf(settings.allowIfNoRules()),
            "node.id",
            "1"));
  }

  void use(Collection<AclBinding> rules) throws ReflectiveOperationException {
    Map<Uuid, Object> snapshot = new LinkedHashMap<>();
    for (AclBinding rule : Set.copyOf(rules)) {
      snapshot.put(Uuid.randomUuid(), fromBinding.invoke(null, kafkas(rule)));
    }
    loadSnapshot.invoke(authorizer, snapshot);
  }

  boolean authorize(
      Principal principal, InetAddress host, Operation operation, ResourceType type, String name) {
    Action action =
        new Action(
            AclOperation.fromCode(operation.code()),
            new ResourcePattern(kafkas(type), name, kafkas(PatternType.LITERAL)),
            1,
            false,
            false);
    return authorizer.authorize(new Context(principal, host), List.of(action)).getFirst()
        == AuthorizationResult.ALLOWED;
  }

  boolean authorizeAny(
      Principal principal, InetAddress host, Operation operation, ResourceType type) {
    return authorizer.authorizeByResourceType(
            new Context(principal, host), AclOperation.fromCode(operation.code()), kafkas(type))
        == AuthorizationResult.ALLOWED;
  }

  /** The operations that Kafka has in fields of authorized operations. */
  @SuppressWarnings("unchecked")
  Set<AclOperation> operations(ResourceType type) throws ReflectiveOperationException {
    return (Set<AclOperation>)
        classes
            .loadClass("org.apache.kafka.security.authorizer.AclEntry")
            .getMethod("supportedOperations", org.apache.kafka.common.resource.ResourceType.class)
            .invoke(null, kafkas(type));
  }

  /** A rule as Kafka has it. */
  public static org.apache.kafka.common.acl.AclBinding kafkas(AclBinding rule) {
    return new org.apache.kafka.common.acl.AclBinding(
        new ResourcePattern(
            kafkas(rule.resources().type()),
            rule.resources().name(),
            kafkas(rule.resources().match())),
        new AccessControlEntry(
            rule.principal().toString(),
            rule.host(),
            AclOperation.fromCode(rule.operation().code()),
            AclPermissionType.fromCode(rule.permission().code())));
  }

  private static org.apache.kafka.common.resource.ResourceType kafkas(ResourceType type) {
    return org.apache.kafka.common.resource.ResourceType.fromCode(type.code());
  }

  private static org.apache.kafka.common.resource.PatternType kafkas(PatternType type) {
    return org.apache.kafka.common.resource.PatternType.fromCode(type.code());
  }

  @Override
  public void close() throws IOException {
    authorizer.close();
    metrics.close();
    classes.close();
  }

  private record Context(Principal caller, InetAddress clientAddress)
      implements AuthorizableRequestContext {

    @Override
    public KafkaPrincipal principal() {
      return new KafkaPrincipal(caller.type(), caller.name());
    }

    @Override
    public String listenerName() {
      return "test";
    }

    @Override
    public SecurityProtocol securityProtocol() {
      return SecurityProtocol.SASL_PLAINTEXT;
    }

    @Override
    public int requestType() {
      return 0;
    }

    @Override
    public int requestVersion() {
      return 0;
    }

    @Override
    public String clientId() {
      return "test";
    }

    @Override
    public int correlationId() {
      return 0;
    }
  }
}
