/** Tests of virtual clusters. */
@NullMarked
package io.gatehouse.gateway.tenant;

import org.jspecify.annotations.NullMarked;
