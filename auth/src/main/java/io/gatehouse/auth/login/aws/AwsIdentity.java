package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.login.LoginFailure;
import java.time.Duration;

/** Who AWS takes the gateway for: what {@code --sasl-aws-identity-lookup} logs at start. */
public final class AwsIdentity {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private AwsIdentity() {}

  /**
   * The ARN that STS says the account's credentials belong to. Blocks for some seconds at most.
   *
   * @throws LoginFailure when there are no credentials or STS does not take them
   */
  public static String lookup(AwsAccount account) throws LoginFailure {
    return lookup(account, AwsEnvironment.ofProcess());
  }

  static String lookup(AwsAccount account, AwsEnvironment environment) throws LoginFailure {
    try (Http http = new Http(TIMEOUT)) {
      CredentialChain chain = new CredentialChain(account, environment, http);
      return new Sts(environment, http, chain.region()).callerIdentity(chain.fetch());
    }
  }
}
