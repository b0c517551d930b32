package io.gatehouse.gateway.authorize;

import io.gatehouse.auth.User;
import io.gatehouse.gateway.acl.AclBinding;
import io.gatehouse.gateway.acl.AclFilter;
import io.gatehouse.gateway.acl.AclRules;
import io.gatehouse.gateway.acl.AclStore;
import io.gatehouse.gateway.acl.Principal;
import io.gatehouse.gateway.plan.Caller;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Keeps access rules in memory; root is a super user. */
final class MemoryAclStore implements AclStore {

  static final User ROOT = User.named("root");

  private final Set<AclBinding> rules = new LinkedHashSet<>();
  private final List<User> actors = new ArrayList<>();
  private @Nullable NotKeptException failure;

  /** Changes wait for it. */
  private final CountDownLatch open;

  MemoryAclStore(CountDownLatch open) {
    this.open = open;
  }

  MemoryAclStore() {
    this(new CountDownLatch(0));
  }

  synchronized List<AclBinding> rules() {
    return List.copyOf(rules);
  }

  synchronized List<User> actors() {
    return List.copyOf(actors);
  }

  /** Lets changes fail from now on; null for success. */
  synchronized void failWith(@Nullable NotKeptException reason) {
    failure = reason;
  }

  synchronized void add(Collection<AclBinding> more) {
    rules.addAll(more);
  }

  /** A client by the rules as they are now. */
  Caller caller(User user) {
    AclRules.Settings settings = new AclRules.Settings(Set.of(Principal.user(ROOT.name())), false);
    return new Caller(
        user,
        "PLAIN",
        "test",
        new Caller.Access(
            new AclRules(rules(), settings).caller(user.name(), List.of(), "127.0.0.1"),
            "127.0.0.1",
            this));
  }

  @Override
  public void create(User actor, Collection<AclBinding> added) throws NotKeptException {
    changing(actor);
    add(added);
  }

  @Override
  public synchronized List<List<AclBinding>> delete(User actor, List<AclFilter> filters)
      throws NotKeptException {
    changing(actor);
    List<List<AclBinding>> selected =
        filters.stream().map(filter -> rules.stream().filter(filter::matches).toList()).toList();
    selected.forEach(rules::removeAll);
    return selected;
  }

  private void changing(User actor) throws NotKeptException {
    try {
      open.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    synchronized (this) {
      actors.add(actor);
      if (failure != null) {
        throw failure;
      }
    }
  }
}
