package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Http;
import io.gatehouse.auth.login.LoginFailure;
import java.time.Duration;

/**
 * Looks up the identity that AWS sees, for {@code --sasl-aws-identity-lookup}, which logs it at
 * start.
 */
public final class AwsIdentity {

  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private AwsIdentity() {}

  /**
   * The ARN of the account's credentials, from STS GetCallerIdentity. Blocks for at most 15 s per
   * request.
   *
   * @throws LoginFailure when there are no credentials or STS refuses them
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
