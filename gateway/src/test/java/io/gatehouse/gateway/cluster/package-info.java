/** Tests of cluster metadata and of connections to brokers. */
@NullMarked
package io.gatehouse.gateway.cluster;

import org.jspecify.annotations.NullMarked;
