package io.gatehouse.testkit.broker;

import java.security.Security;
import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.spi.LoginModule;

/** The name in a listener's JAAS line; its options are read by {@link MskIamCallbackHandler}. */
public final class MskIamLoginModule implements LoginModule {

  @Override
  public void initialize(
      Subject subject, CallbackHandler handler, Map<String, ?> shared, Map<String, ?> options) {
    Security.addProvider(new MskIamServer.MskIamProvider()); // nothing happens the second time
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
