/**
 * Resources that can be changed while the gateway runs, such as service accounts.
 *
 * <p>{@link io.gatehouse.control.Administration} validates each change against a snapshot of the
 * {@link io.gatehouse.control.store.Store} and writes it if nothing else has changed since. {@link
 * io.gatehouse.control.LiveAccounts} answers the questions of logins and of open sessions.
 */
@NullMarked
package io.gatehouse.control;

import org.jspecify.annotations.NullMarked;
