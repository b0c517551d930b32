package io.gatehouse.control;

import io.gatehouse.auth.Secret;
import io.gatehouse.auth.User;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.control.Refusal.Reason;
import io.gatehouse.control.Rights.Verb;
import io.gatehouse.control.kind.AccessRules;
import io.gatehouse.control.kind.Interceptor;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Label;
import io.gatehouse.control.kind.Plugin;
import io.gatehouse.control.kind.ResolveRequest;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.RevokedAccount;
import io.gatehouse.control.kind.RevokedToken;
import io.gatehouse.control.kind.ServiceAccount;
import io.gatehouse.control.kind.TokenRequest;
import io.gatehouse.control.kind.Tokens;
import io.gatehouse.control.store.Change;
import io.gatehouse.control.store.Judge;
import io.gatehouse.control.store.RecentChanges;
import io.gatehouse.control.store.Snapshot;
import io.gatehouse.control.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Changes resources. A resource that another one refers to must exist and cannot be deleted.
 * Methods may block.
 */
public final class Administration {

  private final Store store;
  private final Logins logins;
  private final Capabilities capabilities;
  private final Admission admission;
  private final InstantSource clock;
  private final Revocations revocations;
  private final Actor actor;
  private final ChangeWriter writer;

  public Administration(Store store, Logins logins) {
    this(store, logins, Capabilities.present());
  }

  public Administration(Store store, Logins logins, Capabilities capabilities) {
    this(store, logins, capabilities, InstantSource.system());
  }

  Administration(Store store, Logins logins, Capabilities capabilities, InstantSource clock) {
    this(store, logins, capabilities, clock, Actor.GATEWAY);
  }

  private Administration(
      Store store, Logins logins, Capabilities capabilities, InstantSource clock, Actor actor) {
    this.store = store;
    this.logins = logins;
    this.capabilities = capabilities;
    this.admission = new Admission(logins, capabilities, actor.rights());
    this.clock = clock;
    this.revocations = new Revocations(clock);
    this.actor = actor;
    this.writer = new ChangeWriter(store, actor.name());
  }

  /** The same resources within the rights of a user. */
  public Administration as(Actor user) {
    return new Administration(store, logins, capabilities, clock, user);
  }

  /** The effect on a resource. */
  public enum Upsert {
    CREATED("Created"),
    UPDATED("Updated"),
    NOT_CHANGED("NotChanged"),
    DELETED("Deleted");

    private final String label;

    Upsert(String label) {
      this.label = label;
    }

    /** The text of the HTTP API, which clients print. */
    public String label() {
      return label;
    }
  }

  /** All resources of a type, in the order in which they were made. */
  public <R extends Resource> Stream<R> list(Class<R> type) {
    return store
        .current()
        .all(type)
        .filter(resource -> actor.rights().permit(Verb.READ, resource.key()));
  }

  void require(Verb verb, Key key) throws Refusal {
    if (!actor.rights().permit(verb, key)) {
      throw new Refusal(
          Reason.FORBIDDEN,
          "The user may not do that",
          "The user %s may not %s the %s %s."
              .formatted(
                  actor.name(),
                  verb == Verb.READ ? "read" : "change",
                  key.kind().words(),
                  key.shown()));
    }
  }

  /** The last changes of resources that the user may read. */
  public RecentChanges.Part history() {
    return readable(store.snapshots().recent().all());
  }

  /** As {@link RecentChanges#after}, of resources that the user may read. */
  public RecentChanges.@Nullable Part changesAfter(long revision, Duration most)
      throws InterruptedException {
    RecentChanges.Part all = store.snapshots().changesAfter(revision, most);
    return all == null ? null : readable(all);
  }

  private RecentChanges.Part readable(RecentChanges.Part part) {
    return part.of(change -> mayRead(change.key()));
  }

  /** The revision of the current resources. */
  public long revision() {
    return store.current().revision();
  }

  /** What interceptors can be made of. */
  public List<Plugin> plugins() {
    return capabilities.plugins();
  }

  /**
   * A resource.
   *
   * @throws Refusal when there is none with this key
   */
  public Resource get(Key key) throws Refusal {
    require(Verb.READ, key);
    Resource found = store.current().get(key);
    if (found == null) {
      throw missing(key);
    }
    return found;
  }

  /** A resource, or null; for the gateway itself. */
  <R extends Resource> @Nullable R find(Key key, Class<R> type) {
    return store.current().get(key, type);
  }

  /** Whether there is a resource with this key. */
  public boolean has(Key key) {
    return store.current().get(key) != null;
  }

  /**
   * The interceptors of a client, in the order in which they handle requests.
   *
   * @throws Refusal when the virtual cluster or a group does not exist
   */
  public List<Interceptor> resolve(ResolveRequest request) throws Refusal {
    Snapshot now = store.current();
    List<String> unknown = new ArrayList<>();
    // Who may not read a name does not find out either whether it exists.
    if (!now.hasVirtualCluster(request.vCluster())
        && mayRead(Key.of(Kind.VIRTUAL_CLUSTER, request.vCluster()))) {
      unknown.add("vCluster: there is no virtual cluster '%s'".formatted(request.vCluster()));
    }
    request.groups().stream()
        .filter(group -> now.get(Key.of(Kind.GROUP, group)) == null)
        .filter(group -> mayRead(Key.of(Kind.GROUP, group)))
        .forEach(group -> unknown.add("groups: there is no group '%s'".formatted(group)));
    if (!unknown.isEmpty()) {
      throw new Refusal(Reason.INVALID, "The request is not valid", String.join("; ", unknown));
    }
    Set<String> groups = new TreeSet<>(request.groups());
    String username = request.username();
    if (username != null) {
      groups.addAll(now.memberships().of(request.vCluster(), username, List.of()));
    }
    return now.scopes().interceptors(request.vCluster(), groups, username).stream()
        .filter(interceptor -> mayRead(interceptor.key()))
        .toList();
  }

  private boolean mayRead(Key key) {
    return actor.rights().permit(Verb.READ, key);
  }

  /**
   * @throws Refusal when the user may not read this virtual cluster, or it does not exist
   */
  public void requireReadable(String virtualCluster) throws Refusal {
    require(Verb.READ, Key.of(Kind.VIRTUAL_CLUSTER, virtualCluster));
    requireVirtualCluster(virtualCluster);
  }

  /**
   * @throws Refusal when there is no virtual cluster with this name
   */
  public void requireVirtualCluster(String name) throws Refusal {
    if (!store.current().hasVirtualCluster(name)) {
      throw missing(Key.of(Kind.VIRTUAL_CLUSTER, name));
    }
  }

  /**
   * Creates or replaces a resource.
   *
   * @param dry whether to validate only
   */
  public Upsert put(Resource resource, boolean dry) throws Refusal {
    return put(resource, Batch.Options.PLAIN, dry).effect();
  }

  /** The same with options. */
  public Applied.Outcome put(Resource resource, Batch.Options options, boolean dry) throws Refusal {
    return apply(Batch.put(resource, options), dry).outcomes().getFirst();
  }

  /**
   * Applies a batch as one change, whole or not at all. A dry run needs only the right to read, and
   * tells no more than that right: who may not change the resources is not told whether the
   * variables and files exist that a configuration refers to, and who may not read everything,
   * nothing about other resources.
   *
   * @param dry whether to validate only
   * @throws Refusal with all that is wrong with it
   */
  public Applied apply(Batch batch, boolean dry) throws Refusal {
    Verb verb = dry ? Verb.READ : Verb.WRITE;
    for (Key key : batch.keys()) {
      require(verb, key);
    }
    if (dry) {
      Snapshot now = store.current();
      Admission any = admission.ofAnyKind().telling(toldOf(batch));
      BatchJudge.Judged judged =
          BatchJudge.judge(batch, now, any, keys -> deletion(keys, now, verb));
      return new Applied(judged.outcomes(), now.revision());
    }
    return writer.apply(now -> judge(batch, now, admission), /* inParts= */ false);
  }

  /**
   * Applies a batch of any size. If it is too large for one change of the store, it becomes
   * several: what others refer to comes before them, and deletions come last. If one fails, those
   * before it stay.
   *
   * @throws Refusal with all that is wrong with it
   */
  public Applied applyInParts(Batch batch) throws Refusal {
    for (Key key : batch.keys()) {
      require(Verb.WRITE, key);
    }
    return writer.apply(now -> judge(batch, now, admission), /* inParts= */ true);
  }

  /** Everything that is stored, also what is internal to the gateway. */
  public List<Resource> state() {
    return store.current().all().toList();
  }

  /**
   * Writes what {@link #state} returned, here or elsewhere, in parts as {@link #applyInParts} does.
   * Deletes nothing, and a revocation does not become weaker; revocations are in the first part.
   * Access rules that clients have made are added to the present ones.
   *
   * @param dry whether to validate only
   * @throws Refusal with all that is wrong with it
   */
  public Applied restore(List<Resource> state, boolean dry) throws Refusal {
    List<Batch.Entry> entries = new ArrayList<>();
    for (Resource one : state) {
      if (one.key().kind().isOfUsers()) {
        entries.add(new Batch.Entry(one, null));
      }
    }
    Batch batch = new Batch(entries, List.of(), Batch.Options.FORCED);
    ChangeWriter.Judging restoring =
        now -> {
          BatchJudge.Judged judged = judge(batch, now, admission);
          List<Resource> puts = new ArrayList<>();
          List<Key> deletes = new ArrayList<>();
          if (judged.change() != null) {
            puts.addAll(judged.change().puts());
            deletes.addAll(judged.change().deletes());
          }
          state.stream()
              .filter(one -> isRestored(one, now))
              .map(one -> withPresent(one, now))
              .forEach(puts::add);
          Change change = puts.isEmpty() ? null : new Change(now.revision(), puts, deletes);
          return new BatchJudge.Judged(change, judged.outcomes());
        };
    if (dry) {
      Snapshot now = store.current();
      return new Applied(restoring.judge(now).outcomes(), now.revision());
    }
    return writer.apply(restoring, /* inParts= */ true);
  }

  /** Whether an internal resource is written. A folder labels its resources itself. */
  private static boolean isRestored(Resource one, Snapshot now) {
    Resource present = now.get(one.key());
    if (one.key().kind().isOfUsers() || one.equals(present)) {
      return false;
    }
    return switch (one) {
      case Label label -> label.file() == null;
      case RevokedToken token ->
          !(present instanceof RevokedToken old && old.until().isAfter(token.until()));
      case RevokedAccount account ->
          !(present instanceof RevokedAccount old
              && old.issuedBefore().isAfter(account.issuedBefore()));
      case Tokens tokens -> !(present instanceof Tokens old && old.until().isAfter(tokens.until()));
      case AccessRules rules ->
          !(present instanceof AccessRules old && old.rules().containsAll(rules.rules()));
      default -> true;
    };
  }

  private static Resource withPresent(Resource one, Snapshot now) {
    return one instanceof AccessRules rules && now.get(one.key()) instanceof AccessRules present
        ? present.with(rules.rules())
        : one;
  }

  private BatchJudge.Judged judge(Batch batch, Snapshot now, Admission admission) throws Refusal {
    return BatchJudge.judge(batch, now, admission, keys -> deletion(keys, now, Verb.WRITE));
  }

  private Admission.Told toldOf(Batch batch) {
    if (batch.keys().stream().allMatch(key -> actor.rights().permit(Verb.WRITE, key))) {
      return Admission.Told.EVERYTHING;
    }
    return actor.rights().readsEverything() ? Admission.Told.RESOURCES : Admission.Told.ITSELF;
  }

  /** What else is written when resources are deleted. */
  private Change deletion(List<Key> deleted, Snapshot now, Verb verb) throws Refusal {
    for (Key key : deleted) {
      require(verb, key); // what is pruned is not named in the batch
    }
    Change revoked = revocations.ofDeleted(deleted, now);
    List<Key> deletes = new ArrayList<>(revoked.deletes());
    deletes.addAll(ClientAcls.ofDeleted(deleted, now));
    return new Change(now.revision(), revoked.puts(), deletes);
  }

  /** Deletes a resource. The tokens of an account stay revoked if it is created again. */
  public void delete(Key key) throws Refusal {
    delete(key, Batch.Options.PLAIN);
  }

  /** The same with options. */
  public void delete(Key key, Batch.Options options) throws Refusal {
    apply(Batch.delete(key, options), false);
  }

  static Refusal missing(Key key) {
    return new Refusal(
        Reason.MISSING,
        switch (key.kind()) {
          case ALIAS_TOPIC, CONCENTRATION_RULE ->
              "The given name does not exist in the given virtual cluster";
          default -> "The given %s does not exist".formatted(key.kind().words());
        },
        "There is no %s %s.".formatted(key.kind().words(), key.shown()));
  }

  /**
   * Creates a token for a local account.
   *
   * @throws Refusal when the account does not exist or is not local, or no listener accepts tokens
   */
  public ServiceAccountTokens.Issued issue(TokenRequest request) throws Refusal {
    User id = request.account();
    require(Verb.WRITE, new Key(Kind.SERVICE_ACCOUNT, id));
    String missing = "The searched entity was not found";
    Secret key = logins.tokenKey();
    if (key == null) {
      throw noToken("No listener takes tokens: GATEWAY_USER_POOL_SECRET_KEY is not set.");
    }
    waitForNewSecond(Revocations.of(id, store.current()));
    Instant before = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    ServiceAccountTokens.Issued issued =
        new ServiceAccountTokens(key, ServiceAccountTokens.Accounts.all(), clock)
            .issue(id.name(), id.tenant(), request.lifetime());
    write(now -> {
      // The account may have changed since it was looked at.
      requireLocal(id, now, missing);
      RevokedAccount revoked = Revocations.of(id, now);
      if (revoked != null && before.isBefore(revoked.issuedBefore())) {
        throw busy();
      }
      return Revocations.remember(now, issued.expires(), request.lifetime());
    });
    return issued;
  }

  private static void requireLocal(User id, Snapshot now, String missing) throws Refusal {
    Key account = new Key(Kind.SERVICE_ACCOUNT, id);
    ServiceAccount found = now.get(account, ServiceAccount.class);
    if (found == null) {
      throw new Refusal(
          Reason.MISSING, missing, "There is no service account %s.".formatted(account.shown()));
    }
    if (found.type() != ServiceAccount.Type.LOCAL) {
      throw noToken(
          "The service account %s is EXTERNAL: others make its tokens.".formatted(account.shown()));
    }
  }

  private static Refusal noToken(String message) {
    return new Refusal(
        Reason.CONFLICT,
        "Requesting a JWT token when no user pool service is configured in the Gateway or"
            + " requesting a token for an external service account.",
        message);
  }

  /** Waits after a revocation, which covers all tokens issued in the same second. */
  private void waitForNewSecond(@Nullable RevokedAccount revoked) throws Refusal {
    Duration left =
        revoked == null ? Duration.ZERO : Duration.between(clock.instant(), revoked.issuedBefore());
    if (left.isPositive()) {
      try {
        Thread.sleep(left.compareTo(Duration.ofSeconds(2)) < 0 ? left : Duration.ofSeconds(2));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw busy();
      }
    }
  }

  /**
   * Revokes a token. It may have been issued elsewhere with the same key, so it need not be known.
   * Has no effect if it is revoked already. The user needs the right to change the accounts of all
   * virtual clusters, because the id does not tell whose token it is.
   */
  public void revokeToken(String id) throws Refusal {
    if (!actor.rights().permit(Verb.WRITE, Key.of(Kind.SERVICE_ACCOUNT, id))) {
      throw new Refusal(
          Reason.FORBIDDEN,
          "The user may not do that",
          "The user %s may not revoke tokens of every account.".formatted(actor.name()));
    }
    write(now ->
        now.get(Key.of(Kind.REVOKED_TOKEN, id)) != null
            ? null
            : revocations.add(List.of(revocations.ofToken(id, now)), now));
  }

  /** Revokes all tokens of an account; later ones are accepted. */
  public void revokeTokens(User account) throws Refusal {
    Key key = new Key(Kind.SERVICE_ACCOUNT, account);
    require(Verb.WRITE, key);
    write(now -> {
      if (now.get(key) == null) {
        throw missing(key);
      }
      return revocations.add(List.of(revocations.ofAccount(account, now)), now);
    });
  }

  /** Returns the revision that has the change. */
  long write(Judge<Refusal> judge) throws Refusal {
    return writer.write(judge);
  }

  private static Refusal busy() {
    return new Refusal(
        Reason.UNAVAILABLE, "The store is busy", "The change is not made; try again.");
  }
}
