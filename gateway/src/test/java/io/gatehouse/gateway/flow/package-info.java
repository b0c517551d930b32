/** Tests of what sessions share. */
@NullMarked
package io.gatehouse.gateway.flow;

import org.jspecify.annotations.NullMarked;
