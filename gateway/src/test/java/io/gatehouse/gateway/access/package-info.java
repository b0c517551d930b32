/** Tests of access rules with real clients. */
@NullMarked
package io.gatehouse.gateway.access;

import org.jspecify.annotations.NullMarked;
