/**
 * Carries out access rules on requests and responses, whose names are those that clients see.
 *
 * <p>{@link io.gatehouse.gateway.access.RequestAuthorizer} finds the parts of a whole request that
 * a client must not have performed: they leave the request, and their errors are added to the
 * broker's response. {@link io.gatehouse.gateway.access.ResponseAuthorizer} leaves out of responses
 * what the client must not see. What each API needs stands in {@link
 * io.gatehouse.gateway.acl.AclTable}.
 */
@NullMarked
package io.gatehouse.gateway.access;

import org.jspecify.annotations.NullMarked;
