package io.gatehouse.app.config;

import io.gatehouse.auth.login.LoginFailure;
import io.gatehouse.auth.login.aws.AwsAccount;
import io.gatehouse.auth.login.aws.AwsIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks AWS at the start who the gateway is ({@code --sasl-aws-identity-lookup}). */
record AwsLookup(AwsAccount account) implements StartStep {

  private static final Logger log = LoggerFactory.getLogger(AwsLookup.class);

  @Override
  public void start() throws Failure {
    try {
      log.info("At AWS the gateway is {}", AwsIdentity.lookup(account));
    } catch (LoginFailure e) {
      throw new Failure("AWS does not say who the gateway is: " + e.getMessage(), e);
    }
  }
}
