/** Clients that others wrote, run through the gateway as they are. */
@NullMarked
package io.gatehouse.app.clients;

import org.jspecify.annotations.NullMarked;
