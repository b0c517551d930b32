/** Tests of what settings refuse. */
@NullMarked
package io.gatehouse.gateway.settings;

import org.jspecify.annotations.NullMarked;
