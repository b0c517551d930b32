package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.ChildEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The gateway's account at AWS (docs/kafka-proxy.md, {@code --sasl-aws-*}). With all components
 * null, the default credential chain is used.
 *
 * @param region to sign for; null for that in the broker's host name, or else that of the
 *     environment
 * @param profile of the shared configuration files; if given, no other source is used
 * @param keys used before any other source
 * @param role to assume with the credentials found
 * @param environment which variables of the gateway a {@code credential_process} gets, besides
 *     those that begin with {@code AWS_}
 */
public record AwsAccount(
    @Nullable String region,
    @Nullable String profile,
    @Nullable AwsKeys keys,
    @Nullable AwsRole role,
    ChildEnvironment environment) {

  /** An account whose {@code credential_process} gets no additional variables. */
  public AwsAccount(
      @Nullable String region,
      @Nullable String profile,
      @Nullable AwsKeys keys,
      @Nullable AwsRole role) {
    this(region, profile, keys, role, ChildEnvironment.DEFAULT);
  }

  /** The account that the default credential chain finds. */
  public static AwsAccount byDefault() {
    return new AwsAccount(null, null, null, null);
  }
}
