/**
 * The commands that read and change the resources of a running gateway over its admin API. {@link
 * io.gatehouse.app.remote.AdminApi} sends requests; a {@link io.gatehouse.app.remote.Failure} says
 * what went wrong and what to do. Resources are validated here before anything is sent.
 */
@NullMarked
package io.gatehouse.app.remote;

import org.jspecify.annotations.NullMarked;
