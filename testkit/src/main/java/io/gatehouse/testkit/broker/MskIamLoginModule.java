package io.gatehouse.testkit.broker;

import java.security.Security;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.spi.LoginModule;

/** The login module in a listener's JAAS line. {@link MskIamCallbackHandler} reads its options. */
public final class MskIamLoginModule implements LoginModule {

  @Override
  public void initialize(
      Subject subject, CallbackHandler handler, Map<String, ?> shared, Map<String, ?> options) {
    Security.addProvider(new MskIamServer.MskIamProvider()); // idempotent
  }

  @Override
  public boolean login() {
    return true;
  }

  @Override
  public boolean commit() {
    return true;
  }

  @Override
  public boolean abort() {
    return false;
  }

  @Override
  public boolean logout() {
    return true;
  }
}
