/**
 * Access rules of a virtual cluster or of passthrough, decided as Kafka's own authorizer does.
 *
 * <p>{@link io.gatehouse.gateway.acl.AclRules} is an immutable index over all rules, made once per
 * change. A session asks it once for its {@link io.gatehouse.gateway.acl.AclCaller}, which then
 * decides about operations on resources; each {@link io.gatehouse.gateway.acl.Decision} names the
 * rule behind it. {@link io.gatehouse.gateway.acl.AclFilter} selects rules, for DescribeAcls and
 * DeleteAcls; {@link io.gatehouse.gateway.acl.AclTable} tells which rights each API needs. Names
 * are those that the clients see. Nothing here knows Netty or bytes.
 */
@NullMarked
package io.gatehouse.gateway.acl;

import org.jspecify.annotations.NullMarked;
