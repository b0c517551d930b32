/**
 * One gateway process takes the place of another without a connection being refused: the listening
 * sockets themselves go from the old process to the new one, over a Unix socket that only processes
 * of the same user may use (SCM_RIGHTS, unix(7)).
 *
 * <p>The new process says {@code hello}, hears what the sockets are for, asks for them ({@code
 * send}), makes itself ready, and says {@code ready}. The old one stops accepting and answers
 * {@code yours}; from then on it only ends its connections. What waits in the sockets' queues is
 * accepted by the new one. As long as the new one has not said {@code bye}, its sudden end makes
 * the old one accept again.
 */
@NullMarked
package io.gatehouse.gateway.takeover;

import org.jspecify.annotations.NullMarked;
