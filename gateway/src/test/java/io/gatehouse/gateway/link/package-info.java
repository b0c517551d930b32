/** Tests of how the gateway gets in at brokers. */
@NullMarked
package io.gatehouse.gateway.link;

import org.jspecify.annotations.NullMarked;
