/**
 * AWS_MSK_IAM without the AWS SDK: the credential chain, Signature Version 4, and the signed
 * payload that MSK accepts as a login. Every network call has a short timeout; credentials are
 * renewed before they expire.
 */
@NullMarked
package io.gatehouse.auth.login.aws;

import org.jspecify.annotations.NullMarked;
