/**
 * Live things by the settings that describe them: a {@link io.gatehouse.auth.pool.Source} is a
 * comparable value, a {@link io.gatehouse.auth.pool.Pool} opens it once for all who need it at the
 * same time, and closes it when the last of them has ended its {@link
 * io.gatehouse.auth.pool.Leases}.
 */
@NullMarked
package io.gatehouse.auth.pool;

import org.jspecify.annotations.NullMarked;
