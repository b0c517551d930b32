package io.gatehouse.auth.login.aws;

import org.jspecify.annotations.Nullable;

/**
 * A role to take on with the credentials that were found.
 *
 * @param sessionName as it appears in the trail of AWS; "gatehouse" where null
 * @param externalId what the role's owner asks of others' accounts
 * @param region of the STS endpoint; that of the account where null
 */
public record AwsRole(
    String arn,
    @Nullable String sessionName,
    @Nullable String externalId,
    @Nullable String region) {

  /** The role of this ARN, all else by default. */
  public static AwsRole of(String arn) {
    return new AwsRole(arn, null, null, null);
  }

  String session() {
    return sessionName == null ? "gatehouse" : sessionName;
  }
}
