/**
 * The command {@code demo}: brokers, a gateway and clients. It needs the module testkit, which is
 * not part of the distribution, so no other package of this module may use it.
 */
@NullMarked
package io.gatehouse.app.demo;

import org.jspecify.annotations.NullMarked;
