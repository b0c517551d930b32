package io.gatehouse.testkit;

/**
 * An IAM identity that a listener with {@code AWS_MSK_IAM} knows.
 *
 * @param name whom the broker takes it for, such as an ARN
 * @param accessKeyId as in {@code AKIA...}; letters and digits
 * @param secretAccessKey its secret
 * @param sessionToken of temporary credentials; empty for permanent ones
 */
public record AwsAccount(
    String name, String accessKeyId, String secretAccessKey, String sessionToken) {

  /** One with permanent credentials. */
  public AwsAccount(String name, String accessKeyId, String secretAccessKey) {
    this(name, accessKeyId, secretAccessKey, "");
  }
}
