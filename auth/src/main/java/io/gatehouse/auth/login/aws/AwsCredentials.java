package io.gatehouse.auth.login.aws;

import io.gatehouse.auth.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Credentials for signing requests to AWS.
 *
 * @param sessionToken of temporary credentials, else null
 * @param end when the credentials expire or must be read again; {@link Instant#MAX} for never
 */
record AwsCredentials(
    String accessKeyId, Secret secretAccessKey, @Nullable Secret sessionToken, Instant end) {

  static AwsCredentials lasting(AwsKeys keys) {
    return new AwsCredentials(
        keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken(), Instant.MAX);
  }
}
