/**
 * Virtual clusters: what a tenant's clients call topics, groups and transactions has other names at
 * the brokers. A {@link io.gatehouse.gateway.tenant.Tenant} has a prefix; requests get it and
 * responses lose it, field by field as the message definitions tell where names are ({@link
 * io.gatehouse.wire.schema.FieldKind}). What does not begin with the prefix belongs to others and
 * is left out.
 */
@NullMarked
package io.gatehouse.gateway.tenant;

import org.jspecify.annotations.NullMarked;
