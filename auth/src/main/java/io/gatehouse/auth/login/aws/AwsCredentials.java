package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What requests to AWS are signed with.
 *
 * @param sessionToken of credentials that end
 * @param end when they must have been fetched anew; {@link Instant#MAX} for keys that last
 */
record AwsCredentials(
    String accessKeyId, Secret secretAccessKey, @Nullable Secret sessionToken, Instant end) {

  static AwsCredentials lasting(AwsKeys keys) {
    return new AwsCredentials(
        keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken(), Instant.MAX);
  }
}
