package io.gatehouse.auth.login.aws;

import org.jspecify.annotations.Nullable;

/**
 * A role to assume with the credentials found.
 *
 * @param sessionName appears in CloudTrail; null for "gatehouse"
 * @param externalId that the role's owner demands of other accounts, or null
 * @param region of the STS endpoint; null for that of the account
 */
public record AwsRole(
    String arn,
    @Nullable String sessionName,
    @Nullable String externalId,
    @Nullable String region) {

  /** A role with defaults for all other settings. */
  public static AwsRole of(String arn) {
    return new AwsRole(arn, null, null, null);
  }

  String session() {
    return sessionName == null ? "gatehouse" : sessionName;
  }
}
