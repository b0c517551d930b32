package io.gatehouse.testkit.broker;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;

/** Passes the options of a listener's JAAS line to its SASL servers. */
public final class MskIamCallbackHandler implements AuthenticateCallbackHandler {

  private MskIamLogin login = new MskIamLogin(Map.of());

  @Override
  public void configure(
      Map<String, ?> settings, String mechanism, List<AppConfigurationEntry> entries) {
    Map<String, String> options = new TreeMap<>();
    for (AppConfigurationEntry entry : entries) {
      entry.getOptions().forEach((key, value) -> options.put(key, value.toString()));
    }
    login = new MskIamLogin(options);
  }

  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (!(callback instanceof MskIamServer.LoginCallback wanted)) {
        throw new UnsupportedCallbackException(callback);
      }
      wanted.login = login;
    }
  }

  @Override
  public void close() {
    // There is nothing to close.
  }
}
