package io.gatehouse.auth;

import java.util.Map;
import javax.security.auth.Subject;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.AppConfigurationEntry.LoginModuleControlFlag;
import javax.security.auth.login.Configuration;
import javax.security.auth.login.LoginContext;
import javax.security.auth.login.LoginException;
import org.jspecify.annotations.Nullable;

/** Logs in with the JDK's Kerberos module, without a JAAS file. */
public final class KerberosLogin {

  private KerberosLogin() {}

  /**
   * A new subject with the module's tickets or keys.
   *
   * @param options of {@code Krb5LoginModule}
   * @param handler answers the module's questions; null where it has none
   */
  public static Subject subject(Map<String, String> options, @Nullable CallbackHandler handler)
      throws LoginException {
    AppConfigurationEntry entry =
        new AppConfigurationEntry(
            "com.sun.security.auth.module.Krb5LoginModule",
            LoginModuleControlFlag.REQUIRED,
            options);
    Configuration configuration =
        new Configuration() {
          @Override
          public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            return new AppConfigurationEntry[] {entry};
          }
        };
    Subject subject = new Subject();
    new LoginContext("gatehouse", subject, handler, configuration).login();
    return subject;
  }
}
