/**
 * Shared resources: a {@link io.gatehouse.auth.pool.Source} describes a resource as a comparable
 * value, a {@link io.gatehouse.auth.pool.Pool} opens it once for all of its users and closes it
 * after the last {@link io.gatehouse.auth.pool.Leases} on it are closed.
 */
@NullMarked
package io.gatehouse.auth.pool;

import org.jspecify.annotations.NullMarked;
