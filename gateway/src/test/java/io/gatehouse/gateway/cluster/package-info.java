/** Tests of what the gateway knows of a cluster, and of its connections to brokers. */
@NullMarked
package io.gatehouse.gateway.cluster;

import org.jspecify.annotations.NullMarked;
