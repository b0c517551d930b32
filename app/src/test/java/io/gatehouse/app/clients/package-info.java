/** Third-party clients, run through the gateway. */
@NullMarked
package io.gatehouse.app.clients;

import org.jspecify.annotations.NullMarked;
