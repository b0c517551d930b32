/** Tests of the choice of gateway nodes. */
@NullMarked
package io.gatehouse.gateway.nodes;

import org.jspecify.annotations.NullMarked;
