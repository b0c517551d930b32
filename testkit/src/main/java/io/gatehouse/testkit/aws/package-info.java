/**
 * Where AWS credentials come from, for tests: {@link io.gatehouse.testkit.aws.AwsEndpoints} answers
 * on loopback as an instance's metadata service (IMDSv2), as a container's credentials endpoint and
 * as STS, and hands out one account's temporary credentials.
 */
@NullMarked
package io.gatehouse.testkit.aws;

import org.jspecify.annotations.NullMarked;
