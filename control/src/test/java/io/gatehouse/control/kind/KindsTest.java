package io.gatehouse.control.kind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.doc.YamlText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kinds whose resources have no effect yet: what is valid, and what is told otherwise. */
class KindsTest {

  private static Resource json(String text) throws Exception {
    return Stored.read(Document.read(text.getBytes(UTF_8), Form.JSON));
  }

  private static Resource yaml(String kind, String metadata, String spec) throws Exception {
    String text =
        "{kind: %s, apiVersion: gateway/v2, metadata: %s, spec: %s}"
            .formatted(kind, metadata, spec);
    return Stored.read(Document.read(text.getBytes(UTF_8), Form.YAML));
  }

  private static List<String> problems(String kind, String metadata, String spec) {
    return catchThrowableOfType(InvalidException.class, () -> yaml(kind, metadata, spec))
        .problems();
  }

  private static VirtualCluster cluster(String spec) throws Exception {
    return (VirtualCluster) yaml("VirtualCluster", "{name: team-a}", spec);
  }

  private static List<String> clusterProblems(String spec) {
    return problems("VirtualCluster", "{name: team-a}", spec);
  }

  @Test
  void aVirtualClusterNeedsItsNameOnly() throws Exception {
    VirtualCluster cluster = cluster("{}");
    assertThat(cluster)
        .isEqualTo(
            new VirtualCluster(
                "team-a",
                VirtualCluster.Type.STANDARD,
                "team-a",
                new VirtualCluster.Access(
                    false, VirtualCluster.AclMode.KAFKA_API, List.of(), List.of())));
    assertThat(cluster.document(false).get("spec")).isEqualTo(Map.of());
    assertThat(cluster.document(true).get("spec"))
        .isEqualTo(
            Map.of(
                "aclEnabled",
                false,
                "aclMode",
                "KAFKA_API",
                "superUsers",
                List.of(),
                "type",
                "Standard"));
  }

  @Test
  void whatTheGatewayFillsInIsAcceptedFromUsers() throws Exception {
    assertThat(
            cluster(
                "{aclEnabled: false, superUsers: [username1, username2], type: Standard,"
                    + " bootstrapServers: 'kafka:9092', clientProperties: {security.protocol:"
                    + " SASL_PLAINTEXT, sasl.mechanism: PLAIN}}"))
        .isEqualTo(cluster("{superUsers: [username1, username2]}"));
    cluster("{bootstrapServers: null, clientProperties: {PLAIN: {sasl.mechanism: PLAIN}}}");
  }

  @Test
  void aVirtualClusterHasDefaultsAndLimits() throws Exception {
    VirtualCluster cluster =
        cluster(
            "{topics: {autoCreate: false, defaults: {partitions: 3, configs: {retention.ms: 60000,"
                + " preallocate: true, cleanup.policy: compact}}}, limits: {topics: 0, partitions:"
                + " 50, partitionsPerTopic: 3}}");
    assertThat(cluster.usage())
        .isEqualTo(
            new ClusterUsage(
                false,
                new ClusterUsage.Defaults(
                    3,
                    null,
                    Map.of(
                        "retention.ms", "60000",
                        "preallocate", "true",
                        "cleanup.policy", "compact")),
                Map.of(
                    ClusterUsage.Limit.TOPICS, 0L,
                    ClusterUsage.Limit.PARTITIONS, 50L,
                    ClusterUsage.Limit.PARTITIONS_PER_TOPIC, 3L)));
    String document = JsonText.of(cluster.document(false));
    assertThat(document)
        .contains(
            "\"topics\":{\"autoCreate\":false,\"defaults\":{\"partitions\":3,\"configs\":{"
                + "\"cleanup.policy\":\"compact\",\"preallocate\":\"true\","
                + "\"retention.ms\":\"60000\"}}},"
                + "\"limits\":{\"topics\":0,\"partitions\":50,\"partitionsPerTopic\":3}");
    assertThat(json(document)).isEqualTo(cluster);
    assertThat(cluster("{topics: null, limits: {topics: null}}")).isEqualTo(cluster("{}"));
  }

  @Test
  void limitsAndDefaultsAreChecked() {
    assertThat(
            clusterProblems(
                "{topics: {autocreate: true, defaults: {partitions: 0, replicationFactor: 40000,"
                    + " configs: {a: [1], b: null}}}, limits: {topics: -1, partitionsPerTopic: 0,"
                    + " partition: 3}}"))
        .satisfiesExactlyInAnyOrder(
            one -> assertThat(one).contains("topics: there is no field").contains("autoCreate"),
            one -> assertThat(one).startsWith("spec.topics.defaults.partitions: 0 is not"),
            one -> assertThat(one).startsWith("spec.topics.defaults.replicationFactor: 40000 is"),
            one -> assertThat(one).startsWith("spec.topics.defaults.configs.a: "),
            one -> assertThat(one).startsWith("spec.topics.defaults.configs.b: "),
            one -> assertThat(one).startsWith("spec.limits.topics: -1 is not"),
            one -> assertThat(one).startsWith("spec.limits.partitionsPerTopic: 0 is not"),
            one -> assertThat(one).contains("limits: there is no field").contains("partitions"));
    assertThat(
            clusterProblems(
                "{topics: {defaults: {partitions: 5}}, limits: {partitionsPerTopic: 4}}"))
        .containsExactly(
            "spec.topics.defaults.partitions: 5 is more than limits.partitionsPerTopic, which is"
                + " 4");
  }

  @Test
  void rulesOfAccessDependOnWhoManagesThem() throws Exception {
    String acl =
        "{resourcePattern: {resourceType: TOPIC, name: orders, patternType: LITERAL}, principal:"
            + " 'User:abc', host: '*', operation: READ, permissionType: ALLOW}";
    assertThat(cluster("{aclEnabled: true, aclMode: REST_API, acls: [" + acl + "]}").access())
        .isEqualTo(
            new VirtualCluster.Access(
                true,
                VirtualCluster.AclMode.REST_API,
                List.of(),
                List.of(
                    new Acl(
                        new Acl.Resources(Acl.Type.TOPIC, "orders", Acl.Match.LITERAL),
                        "User:abc",
                        "*",
                        Acl.Operation.READ,
                        Acl.Permission.ALLOW))));
    assertThat(clusterProblems("{acls: []}"))
        .containsExactly("spec.acls: rules stand here with aclMode REST_API only");
    assertThat(clusterProblems("{aclMode: rest_api, superUsers: [abc]}"))
        .containsExactly(
            "spec.acls: it is missing: with aclMode REST_API all rules stand here",
            "spec.superUsers: they manage rules with aclMode KAFKA_API only");
    assertThat(clusterProblems("{type: Partner}"))
        .containsExactly(
            "spec.aclEnabled: it must be true for the type Partner",
            "spec.superUsers: there is none; the type Partner needs one");
    cluster("{type: partner, aclEnabled: true, superUsers: [abc]}");
    cluster("{type: PARTNER, aclEnabled: true, aclMode: REST_API, acls: []}");
  }

  @Test
  void allProblemsOfAVirtualClusterAreTold() {
    assertThat(
            clusterProblems(
                "{aclEnabled: 'yes', aclMode: REST_AP, type: Standart, superUsers: [''], prefix:"
                    + " 'a/', superusers: []}"))
        .containsExactly(
            "spec.type: 'Standart' is not one of STANDARD, PARTNER, did you mean STANDARD?",
            "spec.prefix: 'a/' does not match ^[a-zA-Z0-9._-]{1,100}$",
            "spec.aclEnabled: 'yes' is not true or false",
            "spec.aclMode: 'REST_AP' is not one of KAFKA_API, REST_API, did you mean REST_API?",
            "spec.superUsers[0]: '' is empty",
            "spec: there is no field 'superusers', did you mean superUsers?");
    assertThat(
            clusterProblems(
                "{aclMode: REST_API, acls: [{resourcePattern: {resourceType: TOPC, name: '',"
                    + " patternType: ANY}, principal: abc, operation: READS, permissionType: null},"
                    + " 1, {resourcePattern: {resourceType: CLUSTER, name: x, patternType:"
                    + " LITERAL}, principal: 'User:*', operation: CLUSTER_ACTION, permissionType:"
                    + " DENY}, {resourcePattern: {resourceType: USER, name: x, patternType:"
                    + " LITERAL}, principal: 'User:*', operation: CREATE_TOKENS, permissionType:"
                    + " ALLOW}]}"))
        .containsExactly(
            "spec.acls[1]: 1 stands for an object",
            "spec.acls[0].resourcePattern.resourceType: 'TOPC' is not one of TOPIC, GROUP, CLUSTER,"
                + " TRANSACTIONAL_ID, DELEGATION_TOKEN, USER, did you mean TOPIC?",
            "spec.acls[0].resourcePattern.name: '' is empty",
            "spec.acls[0].resourcePattern.patternType: 'ANY' is not one of LITERAL, PREFIXED",
            "spec.acls[0].principal: 'abc' does not match ^(User|Group):.+$",
            "spec.acls[0].operation: 'READS' is not one of ALL, ALTER, ALTER_CONFIGS,"
                + " CLUSTER_ACTION, CREATE, CREATE_TOKENS, DELETE, DESCRIBE, DESCRIBE_CONFIGS,"
                + " DESCRIBE_TOKENS, IDEMPOTENT_WRITE, READ, TWO_PHASE_COMMIT, WRITE, did you mean"
                + " READ?",
            "spec.acls[0].permissionType: null stands where a value must be",
            "spec.acls[2].resourcePattern.name: a rule about the CLUSTER has the name kafka-cluster"
                + " and is LITERAL",
            "spec.acls[2].operation: CLUSTER_ACTION is for brokers, and clients of a virtual"
                + " cluster are none",
            "spec.acls[3].resourcePattern.resourceType: USER is about delegation tokens, which do"
                + " not exist here");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a b", "''", "..", "é"})
  void aNameOfAVirtualClusterIsThatOfTopics(String name) {
    assertThat(problems("VirtualCluster", "{name: '" + name.replace("'", "") + "'}", "{}"))
        .hasSize(1);
  }

  @Test
  void aliasesPointToPhysicalTopics() throws Exception {
    assertThat(
            json(
                "{\"kind\":\"AliasTopic\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":"
                    + "\"name1\",\"vCluster\":\"vCluster1\"},\"spec\":{\"physicalName\":"
                    + "\"physicalName1\"}}"))
        .isEqualTo(new AliasTopic(new User("vCluster1", "name1"), "physicalName1", "main"));
    assertThat(problems("AliasTopic", "{name: a/b}", "{physicalname: x, physicalCluster: 1}"))
        .containsExactly(
            "metadata.name: 'a/b' does not match ^[a-zA-Z0-9._-]{1,249}$",
            "spec.physicalName: it is missing",
            "spec.physicalCluster: 1 is not a text",
            "spec: there is no field 'physicalname', did you mean physicalName?");
    assertThat(problems("AliasTopic", "{name: .}", "{physicalName: ..}")).hasSize(2);
  }

  @Test
  void rulesHavePatternsAndTopics() throws Exception {
    assertThat(
            yaml(
                "ConcentrationRule",
                "{name: concentrationRule1, vCluster: vCluster1}",
                "{pattern: 'topic.*', physicalTopics: {delete: topic, compact: compact_topic,"
                    + " deleteCompact: compact_delete_topic}, autoManaged: false,"
                    + " offsetCorrectness: false}"))
        .isEqualTo(
            new ConcentrationRule(
                new User("vCluster1", "concentrationRule1"),
                "topic.*",
                new ConcentrationRule.PhysicalTopics(
                    "topic", "compact_topic", "compact_delete_topic"),
                false,
                false));
    assertThat(
            problems(
                "ConcentrationRule",
                "{name: a}",
                "{pattern: 'a(', physicalTopics: {compact: 'a b', delet: c}, autoManaged: 1}"))
        .containsExactly(
            "spec.pattern: 'a(' is not a regular expression: Unclosed group",
            "spec.physicalTopics.delete: it is missing",
            "spec.physicalTopics.compact: 'a b' does not match ^[a-zA-Z0-9._-]{1,249}$",
            "spec.physicalTopics: there is no field 'delet', did you mean delete?",
            "spec.autoManaged: 1 is not true or false");
  }

  private static Scope scope(String metadata) throws Exception {
    return ((Interceptor)
            yaml("Interceptor", metadata, "{pluginClass: a.B, priority: 1, config: {}}"))
        .scope();
  }

  /** The cases of the API's contract. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "{name: a, scope: {vCluster: null, group: null, username: null}} |-|-|-",
        "{name: a, scope: null}                       | -           |-|-",
        "{name: a, scope: {vCluster: null}}           | -           |-|-",
        "{name: a}                                    | passthrough |-|-",
        "{name: a, scope: {}}                         | passthrough |-|-",
        "{name: a, scope: {group: null}}              | passthrough |-|-",
        "{name: a, scope: {username: u}}              | passthrough |-|u",
        "{name: a, scope: {group: g}}                 | passthrough |g|-",
        "{name: a, scope: {vCluster: null, group: g}} | -           |g|-",
        "{name: a, scope: {vCluster: v}}              | v           |-|-",
        "{name: a, scope: {vCluster: v, username: u}} | v           |-|u",
        "{name: a, scope: {vCluster: v, group: g}}    | v           |g|-",
      })
  void anAbsentScopeIsNotANullOne(String metadata, String vCluster, String group, String username)
      throws Exception {
    assertThat(scope(metadata)).isEqualTo(new Scope(vCluster, group, username));
  }

  @Test
  void interceptorsOfEitherNameAreOneKind() throws Exception {
    String spec = "{pluginClass: a.B, priority: 0, config: {}}";
    assertThat(yaml("GatewayInterceptor", "{name: a}", spec))
        .isEqualTo(yaml("Interceptor", "{name: a}", spec))
        .satisfies(one -> assertThat(one.document(true)).containsEntry("kind", "Interceptor"));
  }

  @Test
  void configurationsStayAsTheyAre() throws Exception {
    String config =
        "{\"z\":1.0,\"a\":[[1,[]],[{}],{\"b\":null}],\"1\":1e400,\"t\":\"true\",\"f\":false,"
            + "\"n\":123456789012345678901234567890,\"e\":\"\"}";
    Resource read =
        json(
            "{\"kind\":\"Interceptor\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"a\"},"
                + "\"spec\":{\"pluginClass\":\"a.B\",\"priority\":1,\"config\":"
                + config
                + "}}");
    Map<String, ?> kept = ((Interceptor) read).spec().config();
    assertThat(kept.keySet()).containsExactly("z", "a", "1", "t", "f", "n", "e");
    assertThat(kept.get("z")).hasToString("1.0");
    assertThat(kept.get("1")).hasToString("1e400");
    String text = YamlText.of(List.of(read.document(true)));
    Resource again = Stored.read(Document.readAll(text.getBytes(UTF_8)).getFirst());
    assertThat(again).isEqualTo(read);
    assertThat(((Interceptor) again).spec().config().keySet())
        .containsExactlyElementsOf(kept.keySet());
  }

  @ParameterizedTest
  @CsvSource({"+1,1", "007,7", "-.5,-0.5", "5.,5.0", "5.e1,5.0e1", "-0,-0", "1E+2,1E+2"})
  void numbersOfYamlBecomeThoseOfJson(String yaml, String json) throws Exception {
    Interceptor read =
        (Interceptor)
            yaml(
                "Interceptor",
                "{name: a}",
                "{pluginClass: a.B, priority: 1, config: {n: " + yaml + "}}");
    assertThat(read.spec().config().get("n")).hasToString(json);
  }

  @Test
  void allProblemsOfAnInterceptorAreTold() {
    assertThat(
            problems(
                "Interceptor",
                "{name: a/b, scope: {vcluster: x, group: g, username: u}}",
                "{pluginClass: 'a-b', priority: 2147483648, config: []}"))
        .containsExactly(
            "metadata.name: 'a/b' does not match ^(?!\\.{1,2}$)[^/]{1,255}$",
            "metadata.scope.group: a scope has a group or a username, not both",
            "metadata.scope: there is no field 'vcluster', did you mean vCluster?",
            "spec.pluginClass: 'a-b' does not match ^[\\w$]+(\\.[\\w$]+)*$",
            "spec.priority: 2147483648 is not a whole number from -2147483648 to 2147483647",
            "spec.config: a list is not an object");
    assertThat(problems("Interceptor", "{name: a}", "{}")).hasSize(3);
    assertThat(
            problems(
                "Interceptor",
                "{name: a}",
                "{pluginClass: a, priority: 1, config: {" + "k".repeat(161) + ": [{a: 1}]}}"))
        .singleElement()
        .asString()
        .startsWith("spec.config: the key 'kkk");
  }

  @Test
  void aLongTextIsRefusedBeforeItsPatternIsMatched() {
    assertThat(
            problems(
                "Interceptor",
                "{name: a}",
                "{pluginClass: a" + ".a".repeat(200_000) + ", priority: 1, config: {}}"))
        .singleElement()
        .asString()
        .startsWith("spec.pluginClass: 'a.a.a")
        .endsWith(" is longer than 1024 characters");
    assertThat(
            problems("ConcentrationRule", "{name: abc}", "{pattern: '" + "(".repeat(1024) + "'}"))
        .anyMatch(problem -> problem.contains("is not a regular expression"));
  }

  @Test
  void halfACharacterIsRefused() {
    String text =
        "{\"kind\":\"Interceptor\",\"apiVersion\":\"gateway/v2\",\"metadata\":{\"name\":\"a\"},"
            + "\"spec\":{\"comment\":\"\\ud800\",\"pluginClass\":\"a.B\",\"priority\":1,"
            + "\"config\":{\"a\":[\"\\ud800\"]}}}";
    assertThat(catchThrowableOfType(InvalidException.class, () -> json(text)).problems())
        .hasSize(2)
        .allMatch(problem -> problem.endsWith("has half of a surrogate pair"));
  }

  private static Interceptor.Spec spec(String config) throws Exception {
    String spec = "{pluginClass: a.B, priority: 1, config: " + config + "}";
    return ((Interceptor) yaml("Interceptor", "{name: a}", spec)).spec();
  }

  @Test
  void referencesAreFollowedAndNeverShown(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("key"), "of a file\n");
    Interceptor.Spec spec =
        spec(
            "{a: '${NAME}', b: ['x${env:NAME}y', {c: '${file:%s}'}], d: '$${NAME}', e: '$NAME', f: 1}"
                .formatted(file));
    Map<String, ?> resolved = spec.resolve(Substitution.ofResources(Map.of("NAME", "value")));
    assertThat(resolved.get("a")).isEqualTo(new Secret("value"));
    assertThat(resolved.get("b"))
        .isEqualTo(List.of(new Secret("xvaluey"), Map.of("c", new Secret("of a file"))));
    assertThat(resolved.get("d")).isEqualTo(new Secret("${NAME}"));
    assertThat(resolved.get("e")).isEqualTo("$NAME");
    assertThat(resolved.toString()).doesNotContain("value", "of a file");
    assertThat(spec.config().get("a")).isEqualTo("${NAME}");
    assertThatThrownBy(() -> YamlText.of(List.of(resolved)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allReferencesThatCannotBeFollowedAreTold(@TempDir Path folder) throws Exception {
    Path large = Files.write(folder.resolve("large"), new byte[(1 << 20) + 1]);
    Interceptor.Spec spec =
        spec(
            "{a: '${NONE}', b: ['${env:NONE}'], c: {d: '${file:relative}', e: '${file:/none}'}, f:"
                + " '${a.b}', g: '${NONE', h: '${file:%s}', i: '${file:%s}', j: '${file:/dev/zero}'}"
                    .formatted(large, folder));
    assertThat(
            catchThrowableOfType(
                    InvalidException.class, () -> spec.resolve(Substitution.ofResources(Map.of())))
                .problems())
        .containsExactly(
            "spec.config.a: the variable NONE is not set",
            "spec.config.b[0]: the variable NONE is not set",
            "spec.config.c.d: 'relative' is not the absolute path of a file",
            "spec.config.c.e: cannot read /none: there is no such file",
            "spec.config.f: '${a.b}' is not ${NAME}, ${env:NAME} or ${file:/path} (write $${ for a"
                + " plain ${)",
            "spec.config.g: '${NONE' has no closing }",
            "spec.config.h: " + large + " is larger than 1 MiB",
            "spec.config.i: cannot read " + folder + ": it is a directory",
            "spec.config.j: /dev/zero is not a regular file");
  }

  @Test
  void everyKindIsReadByItsName() {
    for (Kind kind : Kind.values()) {
      String text = "{kind: " + kind.label() + "}";
      assertThat(
              catchThrowableOfType(
                      InvalidException.class,
                      () -> Stored.read(Document.read(text.getBytes(UTF_8), Form.YAML)))
                  .problems())
          .as(kind.label())
          .contains("apiVersion: it is missing", "metadata: it is missing", "spec: it is missing");
    }
    assertThat(Arrays.stream(Kind.values()).map(Kind::label)).doesNotHaveDuplicates();
  }
}
