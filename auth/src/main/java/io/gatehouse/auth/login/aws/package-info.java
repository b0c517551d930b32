/**
 * AWS_MSK_IAM without the AWS SDK: where credentials come from, Signature Version 4, and the signed
 * text that MSK takes for a login. Every call over the network has a short bound; credentials are
 * renewed ahead of their end.
 */
@NullMarked
package io.gatehouse.auth.login.aws;

import org.jspecify.annotations.NullMarked;
