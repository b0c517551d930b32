package io.gatehouse.gateway.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.Operation;
import io.gatehouse.gateway.acl.PatternType;
import io.gatehouse.gateway.acl.Permission;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.acl.ResourcePattern;
import io.gatehouse.gateway.acl.ResourceType;
import io.gatehouse.gateway.fixture.LogLines;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AclRefusalsTest {

  private static final AclBinding DENIED =
      new AclBinding(
          new ResourcePattern(ResourceType.GROUP, "g", PatternType.PREFIXED),
          Principal.user("alice"),
          "*",
          Operation.DELETE,
          Permission.DENY);

  private static Caller alice() {
    AclRules rules = new AclRules(List.of(DENIED), new AclRules.Settings(Set.of(), false));
    return new Caller(
        new User("team-a", "alice"),
        "PLAIN",
        "test",
        new Caller.Access(rules.caller("alice", List.of(), "10.0.0.1"), "10.0.0.1", null));
  }

  private static void refuse(
      @Nullable String tenant, Operation operation, ResourceType type, @Nullable String name) {
    AclRefusals.refused(alice(), tenant, operation, type, name);
  }

  @Test
  void aLineNamesClientOperationResourceAndRule() {
    try (LogLines lines = LogLines.of("io.gatehouse.gateway.acls")) {
      refuse("team-a", Operation.DELETE, ResourceType.GROUP, "g1");
      refuse(null, Operation.ALTER, ResourceType.CLUSTER, null);
      refuse(null, Operation.WRITE, ResourceType.TOPIC, null);
      refuse(null, Operation.READ, ResourceType.TOPIC, "x".repeat(301));
      assertThat(lines.lines())
          .containsExactly(
              "INFO User:alice at 10.0.0.1 in the virtual cluster team-a: DELETE on GROUP g1 is"
                  + " denied: rule DENY User:alice DELETE on GROUP PREFIXED g from *",
              "INFO User:alice at 10.0.0.1: ALTER on CLUSTER kafka-cluster is denied: no rules"
                  + " about the resource",
              "INFO User:alice at 10.0.0.1: WRITE on any TOPIC is denied: no rules about the"
                  + " resource",
              "INFO User:alice at 10.0.0.1: READ on TOPIC "
                  + "x".repeat(300)
                  + "... is denied: no rules about the resource");
    }
  }

  @Test
  void whatIsRefusedOftenDoesNotHideTheRest() {
    try (LogLines lines = LogLines.of("io.gatehouse.gateway.acls")) {
      for (int i = 0; i < 100; i++) {
        refuse(null, Operation.DESCRIBE, ResourceType.TRANSACTIONAL_ID, "t" + i);
      }
      refuse(null, Operation.WRITE, ResourceType.TRANSACTIONAL_ID, "t");
      assertThat(lines.lines()).hasSize(6).last().asString().contains("WRITE on");
    }
  }
}
