package io.gatehouse.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.control.Administration.Upsert;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.kind.Group;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.ResolveRequest;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.RevokedToken;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.TokenRequest;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.Stores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdministrationTest {

  private static final User ABC = new User("passthrough", "abc");
  private static final Key ABC_KEY = new Key(Kind.SERVICE_ACCOUNT, ABC);
  private static final ServiceAccount LOCAL =
      new ServiceAccount(ABC, ServiceAccount.Type.LOCAL, List.of());
  private static final Duration HOUR = Duration.ofHours(1);

  private final Store store = Stores.memory();
  private final Means means = new Means();
  private Instant now = Instant.parse("2026-11-21T12:00:00.25Z");
  private final Administration administration =
      new Administration(store, means, Capabilities.present(), () -> now);
  private final LiveAccounts required = new LiveAccounts(store, true);
  private final LiveAccounts any = new LiveAccounts(store, false);

  private static final class Means implements Logins {
    private @Nullable Secret key = new Secret("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    private final Set<ServiceAccount.Type> types = EnumSet.allOf(ServiceAccount.Type.class);

    @Override
    public @Nullable Secret tokenKey() {
      return key;
    }

    @Override
    public boolean take(ServiceAccount.Type type) {
      return types.contains(type);
    }
  }

  private static Refusal refused(Reason reason, ThrowingCallable call) {
    Refusal refusal = catchThrowableOfType(Refusal.class, call);
    assertThat(refusal).as("a refusal").isNotNull();
    assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
    return refusal;
  }

  private static ServiceAccount external(String name, String... names) {
    return new ServiceAccount(
        new User("passthrough", name), ServiceAccount.Type.EXTERNAL, List.of(names));
  }

  @Test
  void whoMayNotReadANameDoesNotFindOutWhetherItExists() throws Exception {
    ResolveRequest asked = new ResolveRequest("nowhere", List.of("nothing"), null);
    assertThatThrownBy(() -> administration.resolve(asked))
        .hasMessageContainingAll("nowhere", "nothing");
    Actor nobody = new Actor("nobody", new Rights(false, List.of()));
    assertThat(administration.as(nobody).resolve(asked)).isEmpty();
  }

  @Test
  void aPutSaysWhatBecameOfIt() throws Exception {
    assertThat(administration.put(LOCAL, true)).isEqualTo(Upsert.CREATED);
    assertThat(store.current().all()).as("a dry run changes nothing").isEmpty();
    assertThat(administration.put(LOCAL, false)).isEqualTo(Upsert.CREATED);
    long revision = store.current().revision();
    assertThat(administration.put(LOCAL, false)).isEqualTo(Upsert.NOT_CHANGED);
    assertThat(store.current().revision()).isEqualTo(revision);
    assertThat(administration.put(external("abc", "x"), false)).isEqualTo(Upsert.UPDATED);
    assertThat(Upsert.NOT_CHANGED.label()).isEqualTo("NotChanged");
  }

  @Test
  void virtualClustersAreUnknown() {
    ServiceAccount account =
        new ServiceAccount(new User("team-a", "abc"), ServiceAccount.Type.LOCAL, List.of());
    assertThat(refused(Reason.MISSING, () -> administration.put(account, false)))
        .hasMessage("There is no virtual cluster team-a.");
    refused(Reason.MISSING, () -> administration.issue(new TokenRequest(account.id(), HOUR)));
  }

  @Test
  void anAccountThatCouldNotLogInIsNotTaken() {
    means.types.clear();
    refused(Reason.INVALID, () -> administration.put(LOCAL, false));
    refused(Reason.INVALID, () -> administration.put(external("abc", "x"), true));
  }

  @Test
  void externalNamesBelongToOneAccount() throws Exception {
    administration.put(external("one", "x", "y"), false);
    assertThat(refused(Reason.CONFLICT, () -> administration.put(external("two", "y"), false)))
        .hasMessageContaining("'y' is that of the service account passthrough/one");
    administration.put(external("one", "y"), false);
    administration.put(external("two", "x"), false);
  }

  @Test
  void referencesHoldInBothDirections() throws Exception {
    Group group = new Group("g", List.of(ABC), List.of());
    assertThat(refused(Reason.MISSING, () -> administration.put(group, true)))
        .hasMessage("There is no service account passthrough/abc.");
    administration.put(LOCAL, false);
    administration.put(group, false);
    Refusal used = refused(Reason.CONFLICT, () -> administration.delete(ABC_KEY));
    assertThat(used)
        .hasMessage(
            "The service account passthrough/abc is still used by the following group(s): g");
    assertThat(used.title()).isEqualTo("The service account is still used by groups");
    administration.delete(group.key());
    administration.delete(ABC_KEY);
    assertThat(refused(Reason.MISSING, () -> administration.delete(ABC_KEY)).title())
        .isEqualTo("The given service account does not exist");
    assertThat(refused(Reason.MISSING, () -> administration.get(group.key())).title())
        .isEqualTo("The given group does not exist");
  }

  @Test
  void tokensAreForLocalAccountsThatExist() throws Exception {
    TokenRequest request = new TokenRequest(ABC, HOUR);
    assertThat(refused(Reason.MISSING, () -> administration.issue(request)).title())
        .isEqualTo("The searched entity was not found");
    administration.put(external("abc", "x"), false);
    refused(Reason.CONFLICT, () -> administration.issue(request));
    administration.put(LOCAL, false);
    administration.issue(request);
    means.key = null;
    refused(Reason.CONFLICT, () -> administration.issue(request));
  }

  private static ServiceAccountTokens.Facts shown(@Nullable String id, @Nullable Instant issued) {
    return new ServiceAccountTokens.Facts("passthrough", "abc", id, issued);
  }

  @Test
  void aDeletedAccountsTokensDoNotHoldEvenWhenItIsBack() throws Exception {
    administration.put(LOCAL, false);
    assertThat(required.exists(null, "abc")).as("no virtual cluster is passthrough").isTrue();
    assertThat(required.exists("other", "abc")).isFalse();
    Instant issued = now;
    assertThat(any.revoked(shown("t", issued))).isNull();

    administration.delete(ABC_KEY);
    assertThat(required.exists("passthrough", "abc")).isFalse();
    assertThat(any.exists("passthrough", "abc")).isTrue();
    assertThat(any.revoked(shown("t", issued))).isNotNull();
    assertThat(any.revoked(shown(null, null))).as("a token made elsewhere").isNotNull();

    administration.put(LOCAL, false);
    assertThat(required.revoked(shown("t", issued))).isNotNull();
    assertThat(required.revoked(shown("t", issued.plusSeconds(1)))).isNull();
    assertThat(required.revoked(new ServiceAccountTokens.Facts(null, "abd", "t", issued))).isNull();
  }

  @Test
  void revocationsAreKeptAsLongAsATokenCouldLive() throws Exception {
    administration.put(LOCAL, false);
    administration.revokeToken("issued-elsewhere");
    assertThat(any.revoked(shown("issued-elsewhere", now))).isNotNull();
    now = now.plus(Duration.ofDays(367));

    var issued = administration.issue(new TokenRequest(ABC, Duration.ofDays(1)));
    administration.revokeToken(issued.id());
    assertThat(any.revoked(shown(issued.id(), now))).isEqualTo("a token that was revoked");
    assertThat(any.revoked(shown("another", now))).isNull();
    assertThat(store.current().all(RevokedToken.class))
        .as("the expired revocation is dropped")
        .singleElement()
        .satisfies(kept -> assertThat(kept.until()).isAfterOrEqualTo(issued.expires()));

    administration.revokeTokens(ABC);
    assertThat(store.current().all(RevokedAccount.class))
        .singleElement()
        .satisfies(kept -> assertThat(kept.until()).isAfter(now.plus(Duration.ofDays(365))));

    now = now.plus(Duration.ofDays(367));
    administration.revokeToken("later");
    assertThat(store.current().all(RevokedToken.class))
        .extracting(RevokedToken::id)
        .containsExactly("later");
  }

  /** The account is deleted between the check and the signature. */
  @Test
  void noTokenIsIssuedForAnAccountThatIsDeletedMeanwhile() throws Exception {
    administration.put(LOCAL, false);
    Administration other =
        new Administration(
            store,
            means,
            Capabilities.present(),
            () -> {
              // The clock is read after the first check of the account.
              try {
                if (store.current().get(ABC_KEY) != null) {
                  administration.delete(ABC_KEY);
                }
              } catch (Refusal e) {
                throw new IllegalStateException(e);
              }
              return now;
            });
    assertThatThrownBy(() -> other.issue(new TokenRequest(ABC, HOUR))).isInstanceOf(Refusal.class);
  }

  @Test
  void aTokenMadeRightAfterARevocationHolds() throws Exception {
    now = Instant.now();
    Administration live = new Administration(store, means);
    live.put(LOCAL, false);
    live.delete(ABC_KEY);
    live.put(LOCAL, false);
    ServiceAccountTokens.Issued issued = live.issue(new TokenRequest(ABC, HOUR));
    ServiceAccountTokens tokens =
        new ServiceAccountTokens(
            java.util.Objects.requireNonNull(means.key),
            required,
            java.time.InstantSource.system());
    var peer =
        new io.gatehouse.auth.sasl.Peer(
            java.net.InetAddress.getLoopbackAddress(), "main", "localhost", false);
    assertThat(tokens.verify("abc", issued.token(), peer).principal().user()).isEqualTo(ABC);
  }

  @Test
  void aHundredWritersAtOnceLoseNothing() throws Exception {
    List<Callable<Upsert>> puts = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Resource account =
          new ServiceAccount(
              new User("passthrough", "user-" + i), ServiceAccount.Type.LOCAL, List.of());
      puts.add(() -> administration.put(account, false));
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Upsert> put : threads.invokeAll(puts)) {
        assertThat(put.get()).isEqualTo(Upsert.CREATED);
      }
    }
    assertThat(administration.list(ServiceAccount.class)).hasSize(100);
    assertThat(store.current().revision()).isEqualTo(100);
  }
}
