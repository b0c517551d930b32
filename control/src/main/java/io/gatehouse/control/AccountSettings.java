package io.gatehouse.control;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.auth.sasl.token.ServiceAccountTokens;
import io.gatehouse.control.store.StoreSettings;

/**
 * Settings for the accounts whose tokens are accepted.
 *
 * @param required whether the account of a token must exist; otherwise it only must not be deleted
 */
public record AccountSettings(StoreSettings store, boolean required)
    implements Source<ServiceAccountTokens.Accounts> {

  @Override
  public ServiceAccountTokens.Accounts open(Leases parts) throws SourceException {
    return new LiveAccounts(parts.get(store), required);
  }

  @Override
  public void check() {
    store.check();
  }
}
