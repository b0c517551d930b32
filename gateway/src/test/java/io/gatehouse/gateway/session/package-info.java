/** Tests of what sessions share. */
@NullMarked
package io.gatehouse.gateway.session;

import org.jspecify.annotations.NullMarked;
