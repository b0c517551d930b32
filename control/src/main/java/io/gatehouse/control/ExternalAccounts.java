package io.gatehouse.control;

import io.gatehouse.auth.Principal;
import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.Peer;
import io.gatehouse.auth.sasl.SaslExchange;
import io.gatehouse.auth.sasl.SaslFailure;
import io.gatehouse.auth.sasl.SaslMechanism;
import io.gatehouse.control.store.Store;
import io.gatehouse.control.store.StoreSettings;
import org.jspecify.annotations.Nullable;

/**
 * A mechanism whose users are known here by the names of their service accounts. Users without an
 * account, and those of a tenant, keep their names. A session ends when the account of its user
 * changes, because it would be another user then.
 */
public final class ExternalAccounts implements SaslMechanism {

  private final SaslMechanism mechanism;
  private final AccountNames accounts;

  /** The mechanism, and the store with the accounts. */
  public record Settings(Source<SaslMechanism> mechanism, StoreSettings store)
      implements Source<SaslMechanism> {
    @Override
    public SaslMechanism open(Leases parts) throws SourceException {
      return new ExternalAccounts(mechanism.open(parts), parts.get(store));
    }

    @Override
    public void check() {
      mechanism.check();
      store.check();
    }
  }

  /**
   * @param mechanism is closed with this one
   */
  ExternalAccounts(SaslMechanism mechanism, Store store) {
    this.mechanism = mechanism;
    this.accounts = new AccountNames(store);
  }

  @Override
  public String name() {
    return mechanism.name();
  }

  @Override
  public SaslExchange begin(Peer peer) {
    return new Exchange(mechanism.begin(peer));
  }

  @Override
  public void close() {
    mechanism.close();
  }

  private final class Exchange implements SaslExchange {

    private final SaslExchange exchange;
    private @Nullable Outcome outcome;

    Exchange(SaslExchange exchange) {
      this.exchange = exchange;
    }

    @Override
    public byte[] next(byte[] token) throws SaslFailure {
      byte[] answer = exchange.next(token);
      Outcome external = exchange.outcome();
      outcome = external == null ? null : mapped(external);
      return answer;
    }

    private Outcome mapped(Outcome external) {
      Principal principal = external.principal();
      AccountNames.Known known = accounts.find(principal.user(), external.check());
      return new Outcome(principal.as(known.user()), external.expires(), known.check());
    }

    @Override
    public @Nullable Outcome outcome() {
      return outcome;
    }

    @Override
    public @Nullable SaslFailure refusal() {
      return exchange.refusal();
    }

    @Override
    public void close() {
      exchange.close();
    }
  }
}
