package io.gatehouse.control;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.User;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Batch.Options;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.Rights.Grant;
import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.Substitution;
import io.gatehouse.control.kind.AliasTopic;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.Stored;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What users who may not change resources learn by dry runs: nothing they could not read. */
class DryRunRightsTest {
  private static final Actor READER = new Actor("reader", Rights.READER);

  /** Reads groups and the accounts of passthrough. */
  private static final Actor LIMITED =
      new Actor(
          "limited",
          new Rights(
              false,
              List.of(
                  new Grant(Set.of(Kind.GROUP), Set.of(), false),
                  new Grant(Set.of(Kind.SERVICE_ACCOUNT), Set.of("passthrough"), false))));

  private final Store store = Stores.memory();
  private final Administration administration =
      new Administration(
          store,
          new AnyLogins(),
          new Capabilities(
              EnumSet.allOf(Kind.class),
              List.of(new Plugin("a.B", "# B", Map.of())),
              Set.of("main"),
              Substitution.ofResources(Map.of("SET", "x"))));

  private static ServiceAccount account(String cluster, String name, String external) {
    return new ServiceAccount(
        new User(cluster, name), ServiceAccount.Type.EXTERNAL, List.of(external));
  }

  private static Group group(String name, String cluster, String member) {
    return new Group(name, List.of(new User(cluster, member)), List.of());
  }

  private static Resource parsed(String yaml) throws Exception {
    return Stored.readOfUsers(Document.read(yaml.getBytes(UTF_8), Form.YAML));
  }

  private static Batch batch(Options options, Resource... resources) {
    return new Batch(
        Arrays.stream(resources).map(one -> new Batch.Entry(one, null)).toList(),
        List.of(),
        options);
  }

  private Applied dry(Actor user, Batch batch) throws Refusal {
    return administration.as(user).apply(batch, true);
  }

  private Refusal refusal(Actor user, Batch batch, boolean dry) {
    return catchThrowableOfType(Refusal.class, () -> administration.as(user).apply(batch, dry));
  }

  private void someResources() throws Exception {
    administration.put(
        parsed(
            "{kind: VirtualCluster, apiVersion: gateway/v2, metadata: {name: secret}, spec: {}}"),
        false);
    administration.apply(
        batch(
            Options.PLAIN,
            account("passthrough", "open", "o"),
            account("secret", "hidden", "h"),
            group("g", "secret", "hidden")),
        false);
  }

  /** An alias can be of a topic of another virtual cluster. */
  @Test
  void whoMayWriteInOneVirtualClusterMakesNoAliases() throws Exception {
    someResources();
    Resource alias = new AliasTopic(new User("secret", "alias"), "orders", AliasTopic.MAIN);
    for (boolean dry : List.of(true, false)) {
      Actor team = writer(Set.of("secret"));
      assertThat(refusal(team, batch(Options.PLAIN, alias), dry))
          .hasMessageContaining("alias topics of passthrough")
          .extracting(Refusal::reason)
          .isEqualTo(Reason.FORBIDDEN);
    }
    assertThat(dry(READER, batch(Options.PLAIN, alias)).outcomes()).hasSize(1);
    Actor wider = writer(Set.of("secret", "passthrough"));
    assertThat(administration.as(wider).put(alias, false)).isEqualTo(Upsert.CREATED);
  }

  private static Actor writer(Set<String> virtualClusters) {
    return new Actor(
        "writer", new Rights(false, List.of(new Grant(Set.of(), virtualClusters, true))));
  }

  @Test
  void aReaderSeesTheDifferenceAndCannotMakeIt() throws Exception {
    someResources();
    Batch changed = batch(Options.PLAIN, account("passthrough", "open", "other"));
    Applied applied = dry(READER, changed);
    assertThat(applied.outcomes().getFirst().effect()).isEqualTo(Upsert.UPDATED);
    assertThat(applied.outcomes().getFirst().before())
        .isEqualTo(account("passthrough", "open", "o"));
    assertThat(dry(LIMITED, changed).outcomes()).isEqualTo(applied.outcomes());
    for (Actor user : List.of(READER, LIMITED)) {
      assertThat(refusal(user, changed, false).reason()).isEqualTo(Reason.FORBIDDEN);
    }
    assertThat(refusal(READER, batch(Options.PLAIN, group("g", "secret", "none")), true))
        .hasMessageContaining("There is no service account secret/none");
  }

  @Test
  void aReaderIsNotToldWhichVariablesAndFilesTheGatewayHas() throws Exception {
    for (String value : List.of("${env:SET}", "${env:UNSET}", "${file:/etc/passwd}")) {
      Resource interceptor =
          parsed(
              "{kind: Interceptor, apiVersion: gateway/v2, metadata: {name: i},"
                  + " spec: {pluginClass: a.B, priority: 1, config: {a: '%s'}}}".formatted(value));
      assertThat(dry(READER, batch(Options.PLAIN, interceptor)).outcomes()).hasSize(1);
    }
    Resource unset =
        parsed(
            "{kind: Interceptor, apiVersion: gateway/v2, metadata: {name: i},"
                + " spec: {pluginClass: a.B, priority: 1, config: {a: '${env:UNSET}'}}}");
    assertThat(refusal(Actor.GATEWAY, batch(Options.PLAIN, unset), true))
        .hasMessageContaining("UNSET");
  }

  @Test
  void whoMayReadSomeThingsIsNotToldAboutOthers() throws Exception {
    someResources();
    // Another account has the external name; the member does not exist.
    assertThat(dry(LIMITED, batch(Options.PLAIN, account("passthrough", "new", "h"))).outcomes())
        .hasSize(1);
    for (String member : List.of("hidden", "none")) {
      assertThat(dry(LIMITED, batch(Options.PLAIN, group("n", "secret", member))).outcomes())
          .hasSize(1);
    }
    Batch foreign = batch(Options.PLAIN, account("secret", "hidden", "x"));
    assertThat(refusal(LIMITED, foreign, true).reason()).isEqualTo(Reason.FORBIDDEN);
    Batch deletion =
        new Batch(
            List.of(), List.of(Key.of(Kind.GROUP, "g"), Key.of(Kind.GROUP, "none")), Options.PLAIN);
    assertThat(refusal(LIMITED, deletion, true)).hasMessageContaining("none");
  }

  /** A label may be on resources of several virtual clusters. */
  @Test
  void pruningIsAboutWhatTheUserMayChange() throws Exception {
    someResources();
    Options labelled = new Options("shop", false, false);
    administration.apply(
        batch(
            labelled,
            account("passthrough", "open", "o"),
            account("passthrough", "old", "p"),
            account("secret", "deeper", "d")),
        false);
    Actor team =
        new Actor(
            "team",
            new Rights(
                false,
                List.of(
                    new Grant(Set.of(Kind.SERVICE_ACCOUNT), Set.of("passthrough"), true),
                    new Grant(Set.of(), Set.of(), false))));
    Batch pruned = batch(new Options("shop", true, false), account("passthrough", "open", "o"));
    // Who may change nothing sees what those who may would delete.
    assertThat(dry(READER, pruned).outcomes()).hasSize(3);
    for (Actor user : List.of(LIMITED, team)) {
      assertThat(dry(user, pruned).outcomes())
          .extracting(one -> one.key().shown())
          .containsExactly("passthrough/open", "passthrough/old");
    }
    assertThat(refusal(LIMITED, pruned, false).reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(administration.as(team).apply(pruned, false).outcomes()).hasSize(2);
    assertThat(administration.list(ServiceAccount.class))
        .extracting(one -> one.id().name())
        .containsExactlyInAnyOrder("open", "hidden", "deeper");
    // Its label is still there.
    Batch none = batch(new Options("shop", true, false), account("passthrough", "open", "o"));
    assertThat(administration.apply(none, false).outcomes()).hasSize(2);
  }

  @Test
  void messagesNameNothingThatMayNotBeRead() throws Exception {
    someResources();
    Actor team =
        new Actor("team", new Rights(false, List.of(new Grant(Set.of(), Set.of("open"), true))));
    administration.put(
        parsed("{kind: VirtualCluster, apiVersion: gateway/v2, metadata: {name: open}, spec: {}}"),
        false);
    Batch taken = batch(Options.PLAIN, account("open", "mine", "h"));
    assertThat(refusal(team, taken, false))
        .hasMessageContaining("another service account")
        .hasMessageNotContaining("hidden");
    administration.apply(batch(Options.PLAIN, account("open", "used", "u")), false);
    administration.apply(batch(Options.PLAIN, group("unseen", "open", "used")), false);
    Batch used =
        new Batch(
            List.of(),
            List.of(new Key(Kind.SERVICE_ACCOUNT, new User("open", "used"))),
            Options.PLAIN);
    assertThat(refusal(team, used, false))
        .hasMessageContaining("still used by the following group(s): (one that you may not read)")
        .hasMessageNotContaining("unseen");
  }
}
