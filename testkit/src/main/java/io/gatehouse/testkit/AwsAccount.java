package io.gatehouse.testkit;

/**
 * An IAM identity that a listener with {@code AWS_MSK_IAM} accepts.
 *
 * @param name the client's name at the broker, such as an ARN
 * @param accessKeyId the access key id, such as {@code AKIA...}
 * @param secretAccessKey the secret access key
 * @param sessionToken the session token of temporary credentials; empty for permanent ones
 */
public record AwsAccount(
    String name, String accessKeyId, String secretAccessKey, String sessionToken) {

  /** An account with permanent credentials. */
  public AwsAccount(String name, String accessKeyId, String secretAccessKey) {
    this(name, accessKeyId, secretAccessKey, "");
  }
}
