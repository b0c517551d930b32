/** Tests of what the gateway knows of a cluster. */
@NullMarked
package io.gatehouse.gateway.route;

import org.jspecify.annotations.NullMarked;
