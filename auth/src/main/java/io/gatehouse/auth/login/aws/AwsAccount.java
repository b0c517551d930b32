package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.ChildEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Who the gateway is at AWS. All null: whoever the default chain finds (docs/kafka-proxy.md ,
 * {@code --sasl-aws-*}).
 *
 * @param region in which to sign; else that in the broker's host name, then the machine's
 * @param profile of the shared configuration files; when given, nothing else is looked at
 * @param keys used as they are, before anything else
 * @param role to take on afterwards
 * @param environment which variables of the gateway a {@code credential_process} gets, besides
 *     those that begin with {@code AWS_}
 */
public record AwsAccount(
    @Nullable String region,
    @Nullable String profile,
    @Nullable AwsKeys keys,
    @Nullable AwsRole role,
    ChildEnvironment environment) {

  /** No variables in addition. */
  public AwsAccount(
      @Nullable String region,
      @Nullable String profile,
      @Nullable AwsKeys keys,
      @Nullable AwsRole role) {
    this(region, profile, keys, role, ChildEnvironment.DEFAULT);
  }

  /** Whoever the default chain finds. */
  public static AwsAccount byDefault() {
    return new AwsAccount(null, null, null, null);
  }
}
