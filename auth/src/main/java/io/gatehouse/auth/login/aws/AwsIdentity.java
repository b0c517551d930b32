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
    return lookup(account, Machine.here());
  }

  static String lookup(AwsAccount account, Machine machine) throws LoginFailure {
    try (Http http = new Http(TIMEOUT)) {
      CredentialChain chain = new CredentialChain(account, machine, http);
      return new Sts(machine, http, chain.region()).callerIdentity(chain.fetch());
    }
  }
}
