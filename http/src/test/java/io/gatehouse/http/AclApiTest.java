package io.gatehouse.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.pool.Pool;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Administration;
import io.gatehouse.control.Rights;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.VirtualCluster;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Acls;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients may do, asked over HTTP. */
class AclApiTest {
  private static final String RULE =
      "{\"resourcePattern\":{\"resourceType\":\"TOPIC\",\"name\":\"orders\","
          + "\"patternType\":\"PREFIXED\"},\"principal\":\"User:alice\","
          + "\"host\":\"10.0.0.0/8\",\"operation\":\"READ\",\"permissionType\":\"ALLOW\"}";

  private static final String OF_GROUP =
      "{\"resourcePattern\":{\"resourceType\":\"GROUP\",\"name\":\"g\","
          + "\"patternType\":\"LITERAL\"},\"principal\":\"Group:ops\","
          + "\"host\":\"*\",\"operation\":\"DELETE\",\"permissionType\":\"DENY\"}";

  private final Pool pool = new Pool();
  private Running running;

  @BeforeEach
  void start() throws Exception {
    var store = pool.leases().get(new StoreSettings.Memory());
    var administration = new Administration(store, new AllLogins());
    for (var name : List.of("sales", "open")) {
      administration.put(
          new VirtualCluster(
              name,
              VirtualCluster.Type.STANDARD,
              name + "-",
              new VirtualCluster.Access(
                  false, VirtualCluster.AclMode.KAFKA_API, List.of(), List.of())),
          false);
    }
    var rule =
        new AclBinding(
            new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.PREFIXED),
            Principal.user("alice"),
            "10.0.0.0/8",
            Operation.READ,
            Permission.ALLOW);
    var ofGroup =
        new AclBinding(
            new ResourcePattern(ResourceType.GROUP, "g", PatternType.LITERAL),
            Principal.group("ops"),
            "*",
            Operation.DELETE,
            Permission.DENY);
    var rules =
        new AclRules(
            List.of(rule, ofGroup), new AclRules.Settings(Set.of(Principal.user("root")), false));
    Acls acls =
        new Acls() {
          @Override
          public @Nullable Access of(@Nullable String tenant) {
            return "sales".equals(tenant) ? new Access(rules, null) : null;
          }

          @Override
          public Set<String> groups(@Nullable String tenant, String user, Set<String> external) {
            return "sales".equals(tenant) && user.equals("operator") ? Set.of("ops") : Set.of();
          }
        };
    var ofSales =
        new Rights(
            false, List.of(new Rights.Grant(Set.of(Kind.VIRTUAL_CLUSTER), Set.of("sales"), false)));
    running =
        Running.usual(
            new ControlApi(
                () -> administration,
                new GatewayControls(
                    () -> Reloading.Result.refused(List.of()), List::of, new NoFailover(), acls),
                new AdminUsers(
                    UserSettings.of(
                        List.of(
                            new AdminUser("admin", new Secret("pw"), true),
                            new AdminUser(
                                "sales",
                                new AdminUser.Proofs(
                                    PasswordHash.ofPlain(new Secret("pw")), null, null),
                                ofSales))),
                    pool.leases())));
  }

  @AfterEach
  void stop() {
    running.close();
    pool.close();
  }

  private HttpResponse<String> get(String user, String path) {
    var credentials = Base64.getEncoder().encodeToString((user + ":pw").getBytes(UTF_8));
    return running.send(
        running
            .request("/gateway/v2/" + path)
            .header("Authorization", "Basic " + credentials)
            .method("GET", BodyPublishers.noBody())
            .build());
  }

  @Test
  void rulesInForceAreListed() {
    assertThat(get("admin", "acl?vcluster=sales").body())
        .isEqualTo(
            "{\"vCluster\":\"sales\",\"aclEnabled\":true,\"acls\":["
                + RULE
                + ","
                + OF_GROUP
                + "]}");
    for (var where : Map.of("", "passthrough", "?vcluster=open", "open").entrySet()) {
      assertThat(get("admin", "acl" + where.getKey()).body())
          .isEqualTo(
              "{\"vCluster\":\"%s\",\"aclEnabled\":false,\"acls\":[]}".formatted(where.getValue()));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sales | alice | read     | topic   | name=orders-1 | 10.1.2.3    | true  | RULE           | allowed: rule ALLOW User:alice READ on TOPIC PREFIXED orders from 10.0.0.0/8
          sales | alice | DESCRIBE | TOPIC   | name=orders   | 10.1.2.3    | true  | RULE           | allowed: rule ALLOW User:alice READ on TOPIC PREFIXED orders from 10.0.0.0/8
          sales | alice | READ     | TOPIC   | name=orders-1 | 192.168.0.1 | false | NO_RULE_ALLOWS | denied: no rule allows it
          sales | alice | READ     | TOPIC   | name=orders-1 |             | false | NO_RULE_ALLOWS | denied: no rule allows it
          sales | bob   | WRITE    | TOPIC   | name=other    | 10.1.2.3    | false | NO_RULES       | denied: no rules about the resource
          sales | root  | CREATE   | cluster |               | 10.1.2.3    | true  | SUPER_USER     | allowed: a super user
          open  | bob   | WRITE    | TOPIC   | name=other    | 10.1.2.3    | true  | ACL_DISABLED   | allowed: ACLs are not enabled here
          """)
  void decisionsAreExplained(
      String cluster,
      String user,
      String operation,
      String type,
      String name,
      String host,
      boolean allowed,
      String reason,
      String message) {
    var path =
        "acl/explain?vcluster=%s&username=%s&operation=%s&resourceType=%s"
            .formatted(cluster, user, operation, type);
    path += (name == null ? "" : "&" + name) + (host == null ? "" : "&host=" + host);
    assertThat(get("admin", path).body())
        .isEqualTo(
            "{\"allowed\":%b,\"reason\":\"%s\",\"message\":\"%s\"%s}"
                .formatted(
                    allowed, reason, message, reason.equals("RULE") ? ",\"acl\":" + RULE : ""));
  }

  @ParameterizedTest
  @CsvSource({
    "operator,,true",
    "alice,,false",
    "alice,&groups=ops,true",
    "alice,'&groups=a,ops',true"
  })
  void groupsOfTheAccountAndGivenOnesCount(String user, @Nullable String groups, boolean denied) {
    var path =
        "acl/explain?vcluster=sales&operation=DELETE&resourceType=GROUP&name=g&username=" + user;
    var answer = get("admin", path + Objects.requireNonNullElse(groups, "")).body();
    assertThat(answer.endsWith(",\"acl\":" + OF_GROUP + "}")).as(answer).isEqualTo(denied);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          operation=READ&resourceType=TOPIC&name=a            | query parameter username (missing)
          username=a&resourceType=TOPIC&name=a                | query parameter operation (missing)
          username=a&operation=REED&resourceType=TOPIC&name=a | query parameter operation, valid are: ALL, READ, WRITE
          username=a&operation=READ&resourceType=TOPIC        | query parameter name (missing)
          username=a&operation=READ&resourceType=ANY&name=a   | query parameter resourceType, valid are: TOPIC, GROUP
          """)
  void whatIsMissingOrWrongIsTold(String query, String problem) {
    var answer = get("admin", "acl/explain?" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(problem);
  }

  @Test
  void usersSeeTheRulesOfTheirVirtualClusters() {
    assertThat(get("admin", "acl?vcluster=none").statusCode()).isEqualTo(404);
    assertThat(get("sales", "acl?vcluster=sales").statusCode()).isEqualTo(200);
    for (var path : List.of("acl", "acl?vcluster=open", "acl?vcluster=none")) {
      assertThat(get("sales", path).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(
            get(
                    "sales",
                    "acl/explain?vcluster=open&username=a&operation=READ&resourceType=TOPIC&name=a")
                .statusCode())
        .isEqualTo(403);
  }
}
