/** Tests of objects that sessions share. */
@NullMarked
package io.gatehouse.gateway.flow;

import org.jspecify.annotations.NullMarked;
