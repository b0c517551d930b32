/**
 * AWS credentials for tests: {@link io.gatehouse.testkit.aws.AwsEndpoints} is an instance's
 * metadata service (IMDSv2), a container's credentials endpoint and STS on loopback, and issues
 * temporary credentials of an account.
 */
@NullMarked
package io.gatehouse.testkit.aws;

import org.jspecify.annotations.NullMarked;
