package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.User;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Batch.Entry;
import io.gatehouse.control.Batch.Options;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Several resources applied as one change. */
class BatchTest {

  private static final Options SHOP = new Options("shop", false, false);
  private static final Options SHOP_PRUNED = new Options("shop", true, false);

  private final Store store = Stores.memory();
  private final Administration administration = new Administration(store, new AnyLogins());

  private static ServiceAccount local(String name) {
    return new ServiceAccount(new User("passthrough", name), ServiceAccount.Type.LOCAL, List.of());
  }

  private static ServiceAccount external(String name, String external) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(external));
  }

  private static Group group(String name, String... members) {
    return new Group(
        name,
        Arrays.stream(members).map(member -> new User("passthrough", member)).toList(),
        List.of());
  }

  private static Batch batch(Options options, Resource... resources) {
    return new Batch(
        Arrays.stream(resources).map(one -> new Entry(one, null)).toList(), List.of(), options);
  }

  private static Batch deletion(Resource... resources) {
    return new Batch(
        List.of(), Arrays.stream(resources).map(Resource::key).toList(), Options.PLAIN);
  }

  private List<Upsert> apply(Batch batch) throws Refusal {
    return administration.apply(batch, false).outcomes().stream()
        .map(Applied.Outcome::effect)
        .toList();
  }

  private Refusal refused(Reason reason, Batch batch) {
    long revision = store.current().revision();
    Refusal refusal = catchThrowableOfType(Refusal.class, () -> administration.apply(batch, false));
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    assertThat(store.current().revision()).as("nothing is changed").isEqualTo(revision);
    return refusal;
  }

  private List<String> names() {
    return store
        .current()
        .all()
        .filter(one -> one.key().kind() != Kind.LABEL)
        .filter(one -> !(one instanceof RevokedAccount))
        .map(one -> one.key().id().name())
        .toList();
  }

  @Test
  void resourcesMayReferToEachOtherInAnyOrder() throws Exception {
    assertThat(apply(batch(Options.PLAIN, group("g", "abc"), local("abc"))))
        .containsExactly(Upsert.CREATED, Upsert.CREATED);
    assertThat(store.current().revision()).as("one change").isEqualTo(1);
    assertThat(apply(batch(Options.PLAIN, group("g", "abc"), external("abc", "x"))))
        .containsExactly(Upsert.NOT_CHANGED, Upsert.UPDATED);
    assertThat(apply(batch(Options.PLAIN, group("g", "abc")))).containsExactly(Upsert.NOT_CHANGED);
    assertThat(store.current().revision()).as("nothing to change").isEqualTo(2);
  }

  @Test
  void isAppliedWholeOrNotAtAllWithAllProblems() throws Exception {
    Refusal refusal =
        refused(
            Reason.MISSING,
            batch(
                Options.PLAIN,
                local("abc"),
                group("g", "nobody"),
                external("one", "x"),
                external("two", "x")));
    assertThat(refusal.problems()).extracting(Refusal.Problem::index).contains(1, 2, 3);
    assertThat(refusal)
        .hasMessageContaining("document 2: There is no service account passthrough/nobody.")
        .hasMessageContaining("document 4: The external name 'x'");
    assertThat(names()).isEmpty();
    assertThat(refused(Reason.CONFLICT, batch(Options.PLAIN, local("abc"), local("abc"))))
        .hasMessageContaining("document 2: It is given twice.");
  }

  @Test
  void aDryRunShowsWhatWouldBecomeAndChangesNothing() throws Exception {
    administration.put(local("abc"), false);
    Applied applied =
        administration.apply(batch(Options.PLAIN, external("abc", "x"), local("new")), true);
    assertThat(applied.outcomes().getFirst())
        .isEqualTo(
            new Applied.Outcome(
                local("abc").key(), Upsert.UPDATED, local("abc"), external("abc", "x")));
    assertThat(applied.revision()).isEqualTo(1);
    assertThat(names()).containsExactly("abc");
  }

  @Test
  void anExternalNameCanMove() throws Exception {
    apply(batch(Options.PLAIN, external("one", "x"), external("two", "y")));
    apply(batch(Options.PLAIN, external("one", "y"), external("two", "x")));
    assertThat(store.current().withExternalName("x")).isEqualTo(external("two", "x"));
    refused(Reason.CONFLICT, batch(Options.PLAIN, external("one", "x")));
  }

  @Test
  void deletesTogetherWhatRefersToEachOther() throws Exception {
    apply(batch(Options.PLAIN, local("abc"), group("g", "abc")));
    assertThat(refused(Reason.CONFLICT, deletion(local("abc"))))
        .hasMessageContaining("still used by the following group(s): g");
    refused(Reason.MISSING, deletion(group("g"), group("other")));
    assertThat(apply(deletion(local("abc"), group("g"))))
        .containsExactly(Upsert.DELETED, Upsert.DELETED);
    assertThat(names()).isEmpty();
    assertThat(store.current().all(RevokedAccount.class))
        .as("the tokens of a deleted account do not hold")
        .hasSize(1);
  }

  @Test
  void prunesOnlyWhatHasTheLabel() throws Exception {
    administration.put(local("others"), false);
    apply(batch(SHOP, local("abc"), local("def"), group("g", "abc", "def")));
    Batch fewer = batch(SHOP_PRUNED, local("abc"), group("g", "abc"));
    assertThat(administration.apply(fewer, true).outcomes())
        .extracting(Applied.Outcome::effect)
        .containsExactly(Upsert.NOT_CHANGED, Upsert.UPDATED, Upsert.DELETED);
    apply(fewer);
    assertThat(names()).containsExactlyInAnyOrder("others", "abc", "g");
    assertThat(store.current().all(Label.class)).as("its label is gone, too").hasSize(2);
    apply(fewer);

    administration.delete(group("g").key());
    administration.put(group("g", "others"), false);
    apply(batch(SHOP_PRUNED, local("abc")));
    assertThat(names()).as("made anew without the label").contains("g");
  }

  @Test
  void aResourceHasOneLabel() throws Exception {
    apply(batch(SHOP, local("abc")));
    Options office = new Options("office", false, false);
    assertThat(refused(Reason.CONFLICT, batch(office, local("abc"))))
        .hasMessageContaining("has the label shop");
    apply(batch(new Options("office", false, true), local("abc")));
    assertThat(store.current().all(Label.class))
        .containsExactly(new Label(local("abc").key(), "office", null));
    administration.put(external("abc", "x"), false);
    assertThat(store.current().all(Label.class)).as("others may change it").hasSize(1);
  }

  @Test
  void whatAFileDeclaresIsChangedByForceOnly() throws Exception {
    Options folder = new Options(Label.FOLDER, true, false);
    Batch declared =
        new Batch(List.of(new Entry(local("abc"), "shop/accounts.yaml")), List.of(), folder);
    administration.apply(declared, false);
    assertThat(refused(Reason.CONFLICT, batch(Options.PLAIN, external("abc", "x"))))
        .hasMessageContaining("is declared by shop/accounts.yaml");
    refused(Reason.CONFLICT, batch(SHOP, local("abc")));
    refused(Reason.CONFLICT, deletion(local("abc")));
    apply(batch(Options.PLAIN, local("abc")));

    administration.put(external("abc", "x"), Options.FORCED, false);
    assertThat(store.current().get(Label.keyOf(local("abc").key()))).isNotNull();
    assertThat(administration.apply(declared, false).outcomes())
        .extracting(Applied.Outcome::effect)
        .containsExactly(Upsert.UPDATED);
    administration.delete(local("abc").key(), Options.FORCED);
    assertThat(names()).isEmpty();
    assertThat(store.current().get(Label.keyOf(new Key(Kind.GROUP, local("abc").id())))).isNull();
  }
}
