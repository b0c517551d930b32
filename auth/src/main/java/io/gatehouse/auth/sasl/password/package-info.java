/**
 * SASL PLAIN and the verifiers of passwords. Neither a verifier's answer nor its duration may
 * reveal whether a user exists.
 */
@NullMarked
package io.gatehouse.auth.sasl.password;

import org.jspecify.annotations.NullMarked;
