package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.control.kind.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The command explain, without a gateway. */
class ExplainTest {

  private record Ran(int code, String out, String err) {}

  private static Ran explain(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> all = new ArrayList<>(List.of("explain"));
    all.addAll(List.of(arguments));
    int code =
        Main.execute(
            new ProgramContext(new PrintStream(out, true), new PrintStream(err, true), Map.of()),
            all.toArray(String[]::new));
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void showsAKind() {
    Ran ran = explain("GatewayServiceAccount");
    assertThat(ran.err).isEmpty();
    assertThat(ran.out)
        .isEqualTo(
            """
            GatewayServiceAccount (object, required)
              kind (string, required): GatewayServiceAccount
              apiVersion (string, required): gateway/v2
              metadata (object, required)
                name (string, required): Its name; must match ^[a-zA-Z0-9_-]{3,64}$
                vCluster (string): Its virtual cluster; must match ^[a-zA-Z0-9._-]+$; default passthrough
              spec (object, required)
                type (string, required): Who proves who the client is: an identity provider or certificate, or the gateway; EXTERNAL or LOCAL, in any case
                externalNames (list of strings): The name in the token or certificate; for EXTERNAL only; at least 1 of them

            Example:

              kind: GatewayServiceAccount
              apiVersion: gateway/v2
              metadata:
                name: orders
                vCluster: passthrough
              spec:
                type: LOCAL
            """);
    assertThat(ran.code).isZero();
  }

  @Test
  void showsAField() {
    assertThat(explain("groups.spec.members").out)
        .isEqualTo(
            """
            GatewayGroup.spec.members (list of objects): Accounts in the group
              name (string, required): The name of the account
              vCluster (string): The virtual cluster of the account; passthrough by default

            Example:

              members:
              - name: orders
                vCluster: passthrough
            """);
    assertThat(explain("interceptor.metadata.scope.group").out)
        .isEqualTo(
            "Interceptor.metadata.scope.group (string or null): The group of accounts; excludes"
                + " username\n");
    assertThat(explain("virtual-cluster.spec.aclMode").out)
        .startsWith(
            "VirtualCluster.spec.aclMode (string): Who sets the ACLs; cannot be changed; KAFKA_API"
                + " or REST_API; default KAFKA_API\n");
    assertThat(explain("virtual-cluster.spec.bootstrapServers").out).contains("set by the gateway");
  }

  /** Every field says what it means. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "VIRTUAL_CLUSTER",
        "ALIAS_TOPIC",
        "CONCENTRATION_RULE",
        "SERVICE_ACCOUNT",
        "GROUP",
        "INTERCEPTOR"
      })
  void everyFieldIsDescribed(Kind kind) {
    Ran ran = explain(kind.segment());
    assertThat(ran.code).as(ran.err).isZero();
    assertThat(Kind.ofUsers()).contains(kind).hasSize(6);
    List<String> fields =
        ran.out.lines().skip(1).takeWhile(line -> !line.isEmpty()).map(String::strip).toList();
    assertThat(fields).hasSizeGreaterThan(6);
    assertThat(fields.stream().filter(field -> !field.contains("): ")))
        .containsExactly("metadata (object, required)", "spec (object, required)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gruop | there is no kind 'gruop', did you mean group?",
        "group.spec.membres | GatewayGroup.spec has no field 'membres', did you mean members?",
        "group.specs | GatewayGroup has no field 'specs', did you mean spec?",
        "group.zzz | its fields are: kind, apiVersion, metadata, spec",
        "group.metadata.name.x | GatewayGroup.metadata.name is a string, which has no field 'x'",
        "group. | GatewayGroup has no field ''",
        ". | there is no kind ''",
      })
  void tellsTheNearest(String given, String message) {
    Ran ran = explain(given);
    assertThat(ran.err).contains("Error: ").contains(message);
    assertThat(ran.out).isEmpty();
    assertThat(ran.code).isEqualTo(2);
  }

  @Test
  void takesOneOperand() {
    for (Ran ran : List.of(explain(), explain("group", "interceptor"))) {
      assertThat(ran.err).contains("explain takes KIND or KIND.FIELD", "kinds are: virtual-cl");
      assertThat(ran.code).isEqualTo(2);
    }
  }
}
