/** Tests of how gateway nodes find each other. */
@NullMarked
package io.gatehouse.control.node;

import org.jspecify.annotations.NullMarked;
