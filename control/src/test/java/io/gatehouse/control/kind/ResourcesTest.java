package io.gatehouse.control.kind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.User;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.doc.YamlText;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcesTest {

  private static Value yaml(String text) throws Exception {
    return Document.read(text.getBytes(UTF_8), Form.YAML);
  }

  private static ServiceAccount account(String metadata, String spec) throws Exception {
    return ServiceAccount.read(
        yaml(
            "{kind: GatewayServiceAccount, apiVersion: gateway/v2, metadata: %s, spec: %s}"
                .formatted(metadata, spec)));
  }

  private static List<String> problems(String metadata, String spec) {
    return catchThrowableOfType(InvalidException.class, () -> account(metadata, spec)).problems();
  }

  @Test
  void accountsAreReadFromEitherFormOfTheContract() throws Exception {
    assertThat(account("{name: jdoe, vCluster: passthrough}", "{type: LOCAL}"))
        .isEqualTo(
            new ServiceAccount(
                new User("passthrough", "jdoe"), ServiceAccount.Type.LOCAL, List.of()));
    assertThat(
            account("{name: user1, vCluster: vcluster1}", "{type: external, externalNames: [a b]}"))
        .isEqualTo(
            new ServiceAccount(
                new User("vcluster1", "user1"), ServiceAccount.Type.EXTERNAL, List.of("a b")));
    assertThat(account("{name: jdoe, vCluster: null}", "{type: Local, externalNames: null}").id())
        .isEqualTo(new User("passthrough", "jdoe"));
  }

  @Test
  void allProblemsAreToldWithPathValueAndWhatIsRight() {
    assertThat(
            problems("{nam: jdoe, vCluster: 'a b'}", "{type: LOCL, externalNames: [x, x, 1, '']}"))
        .containsExactly(
            "metadata.name: it is missing",
            "metadata.vCluster: 'a b' does not match ^[a-zA-Z0-9._-]{1,100}$",
            "spec.type: 'LOCL' is not one of LOCAL, EXTERNAL, did you mean LOCAL?",
            "spec.externalNames[1]: 'x' is there twice",
            "spec.externalNames[2]: 1 is not a text",
            "spec.externalNames[3]: '' is empty",
            "metadata: there is no field 'nam', did you mean name?");
    assertThat(problems("[]", "null"))
        .containsExactly(
            "metadata: a list stands for an object", "spec: null stands where a value must be");
    assertThat(problems("{name: null}", "{type: {}}"))
        .containsExactly(
            "metadata.name: null stands where a value must be",
            "spec.type: an object is not a text");
  }

  @Test
  void externalNamesGoWithExternalAccounts() {
    assertThat(problems("{name: abc}", "{type: LOCAL, externalNames: [x]}")).hasSize(1);
    assertThat(problems("{name: abc}", "{type: EXTERNAL}")).hasSize(1);
    assertThat(problems("{name: abc}", "{type: EXTERNAL, externalNames: []}")).hasSize(1);
    assertThat(problems("{name: abc}", "{type: EXTERNAL, externalNames: [\"a\\u202Eb\"]}"))
        .containsExactly("spec.externalNames[0]: 'a?b' has control characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ab", "a b", "a.b", "a/b", "\"a\\nbc\"", "é12", "''"})
  void namesOfAccountsFollowTheContract(String name) {
    assertThat(problems("{name: " + name + "}", "{type: LOCAL}")).hasSize(1);
  }

  @Test
  void otherKindsAndVersionsAreNotTaken() {
    var wrong =
        catchThrowableOfType(
            InvalidException.class,
            () -> ServiceAccount.read(yaml("{kind: Group, apiVersion: v1, extra: 1}")));
    assertThat(wrong.problems())
        .containsExactly(
            "kind: 'Group' is not GatewayServiceAccount",
            "apiVersion: 'v1' is not gateway/v2",
            "metadata: it is missing",
            "spec: it is missing",
            "there is no field 'extra', valid are: kind, apiVersion, metadata, spec");
  }

  @Test
  void manyProblemsDoNotFillTheAnswer() {
    String names = String.join(",", java.util.Collections.nCopies(1000, "1"));
    var wrong =
        catchThrowableOfType(
            InvalidException.class,
            () -> account("{name: abc}", "{type: EXTERNAL, externalNames: [" + names + "]}"));
    assertThat(wrong.problems()).hasSize(101).last().isEqualTo("and 900 more");
  }

  @Test
  void groupsNameAccountsAndOtherGroups() throws Exception {
    Group group =
        Group.read(
            yaml(
                "{kind: GatewayGroup, apiVersion: gateway/v2, metadata: {name: g}, spec: {members:"
                    + " [{name: abc}, {name: abc, vCluster: other}], externalGroups: [A B]}}"));
    assertThat(group)
        .isEqualTo(
            new Group(
                "g",
                List.of(new User("passthrough", "abc"), new User("other", "abc")),
                List.of("A B")));
    var twice =
        catchThrowableOfType(
            InvalidException.class,
            () ->
                Group.read(
                    yaml(
                        "{kind: GatewayGroup, apiVersion: gateway/v2, metadata: {name: g}, spec:"
                            + " {members: [{name: abc}, {name: abc, vCluster: passthrough}]}}")));
    assertThat(twice.problems()).containsExactly("spec.members[1].name: 'abc' is a member twice");
  }

  private static VirtualCluster cluster(
      VirtualCluster.Type type, String prefix, VirtualCluster.AclMode mode, List<Acl> acls) {
    List<String> superUsers =
        mode == VirtualCluster.AclMode.KAFKA_API ? List.of("admin", "null") : List.of();
    return new VirtualCluster(
        "team-a", type, prefix, new VirtualCluster.Access(true, mode, superUsers, acls));
  }

  private static ConcentrationRule rule(User id, @Nullable String compact, boolean flags) {
    return new ConcentrationRule(
        id,
        "topic-[0-9]+",
        new ConcentrationRule.PhysicalTopics("deleted", compact, null),
        flags,
        flags);
  }

  private static Interceptor interceptor(
      Scope scope, @Nullable String comment, Map<String, @Nullable Object> config) {
    return new Interceptor(
        "a b:c", scope, new Interceptor.Spec(comment, "io.x.Plugin$A", -1, config));
  }

  static Stream<Resource> resources() {
    User id = new User("passthrough", "abc");
    Instant time = Instant.parse("2026-11-21T12:00:00Z");
    User topic = new User("team-a", "orders.v1");
    Acl acl =
        new Acl(
            new Acl.Resources(Acl.Type.TOPIC, "a", Acl.Match.PREFIXED),
            "User:abc",
            "*",
            Acl.Operation.READ,
            Acl.Permission.ALLOW);
    return Stream.of(
        cluster(
            VirtualCluster.Type.STANDARD, "team-a", VirtualCluster.AclMode.KAFKA_API, List.of()),
        cluster(VirtualCluster.Type.PARTNER, "a.", VirtualCluster.AclMode.KAFKA_API, List.of()),
        cluster(VirtualCluster.Type.STANDARD, "a.", VirtualCluster.AclMode.REST_API, List.of(acl)),
        cluster(VirtualCluster.Type.STANDARD, "a.", VirtualCluster.AclMode.REST_API, List.of()),
        new AliasTopic(topic, "physical", AliasTopic.MAIN),
        new AliasTopic(new User("passthrough", "a"), "b", "other"),
        rule(topic, null, false),
        rule(new User("passthrough", "a"), "compacted", true),
        new ConcentratedTopic(topic, "physical"),
        interceptor(Scope.GLOBAL, null, Map.of()),
        interceptor(Scope.PASSTHROUGH, "two\nlines: #", Map.of("a", List.of())),
        interceptor(new Scope(null, "g", null), "", Map.of("", "\u0000")),
        interceptor(new Scope(null, null, "a: b"), "x", Map.of("~", "null")),
        interceptor(new Scope("team-a", null, "u"), null, Map.of("true", true, "1", "1")),
        new ServiceAccount(id, ServiceAccount.Type.LOCAL, List.of()),
        new ServiceAccount(id, ServiceAccount.Type.EXTERNAL, List.of("CN=a, O=b", "null")),
        new Group("g", List.of(id), List.of("#x")),
        new Group("g", List.of(), List.of()),
        new RevokedToken("610fd3fc-b94c-4d1b-a3ab-248390a0b6e8", time),
        new RevokedAccount(id, time, time.plusSeconds(5)),
        new Tokens(time),
        new Label(Key.of(Kind.GROUP, "g"), "a", "b.yaml"),
        new Label(Key.of("mask", Scope.GLOBAL), "a", null),
        new AccessRules(
            "team-a",
            1023,
            List.of(
                acl,
                new Acl(
                    new Acl.Resources(Acl.Type.DELEGATION_TOKEN, " a  b:c ", Acl.Match.LITERAL),
                    "Other:CN=a, O=b",
                    "10.0.0.0/8",
                    Acl.Operation.TWO_PHASE_COMMIT,
                    Acl.Permission.DENY))));
  }

  @ParameterizedTest
  @MethodSource("resources")
  void whatIsShownIsReadAsTheSame(Resource resource) throws Exception {
    for (boolean defaults : List.of(true, false)) {
      String text = YamlText.of(List.of(resource.document(defaults)));
      assertThat(Stored.read(Document.readAll(text.getBytes(UTF_8)).getFirst()))
          .isEqualTo(resource);
    }
    String key = YamlText.of(List.of(resource.key().document()));
    assertThat(Key.read(Document.readAll(key.getBytes(UTF_8)).getFirst()))
        .isEqualTo(resource.key());
  }

  @Test
  void defaultsAreShownOnRequest() {
    Resource account =
        new ServiceAccount(new User("passthrough", "abc"), ServiceAccount.Type.LOCAL, List.of());
    assertThat(account.document(false).get("metadata")).isEqualTo(Fields.map("name", "abc"));
    assertThat(account.document(true).get("metadata"))
        .isEqualTo(Fields.map("name", "abc", "vCluster", "passthrough"));
    Resource group = new Group("g", List.of(), List.of());
    assertThat(group.document(false).get("spec")).isEqualTo(Fields.map());
    assertThat(group.document(true).get("spec"))
        .isEqualTo(Fields.map("members", List.of(), "externalGroups", List.of()));
  }

  @Test
  void tokensAreAskedForInSeconds() throws Exception {
    assertThat(TokenRequest.read(yaml("{username: abc, lifeTimeSeconds: 3600000}")))
        .isEqualTo(new TokenRequest(new User("passthrough", "abc"), Duration.ofHours(1000)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-1",
        "1.5",
        "'1'",
        "null",
        "99999999999999999999",
        "9223372036854775807",
        "true"
      })
  void lifetimesAreWholeAndPositive(String seconds) {
    var wrong =
        catchThrowableOfType(
            InvalidException.class,
            () -> TokenRequest.read(yaml("{username: abc, lifeTimeSeconds: " + seconds + "}")));
    assertThat(wrong.problems()).hasSize(1).first().asString().startsWith("lifeTimeSeconds: ");
  }
}
