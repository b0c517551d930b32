/**
 * Replaces a gateway process by another without refusing a connection: the old process passes its
 * listening sockets to the new one over a Unix socket that only processes of the same user may use
 * (SCM_RIGHTS, unix(7)).
 *
 * <p>The new process sends {@code hello}, receives the list of sockets, requests their descriptors
 * ({@code send}), starts, and sends {@code ready}. The old one stops accepting, answers {@code
 * yours} and drains its connections; the new one accepts what waits in the sockets' backlogs. If
 * the new process ends before it has sent {@code bye}, the old one accepts again.
 */
@NullMarked
package io.gatehouse.gateway.takeover;

import org.jspecify.annotations.NullMarked;
