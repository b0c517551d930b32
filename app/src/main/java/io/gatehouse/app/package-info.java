/**
 * The program: {@link io.gatehouse.app.Main} picks a command, {@link
 * io.gatehouse.app.Configuration} joins the sources of its settings, and {@link
 * io.gatehouse.app.GatewayProcess} runs gateway and HTTP server until a signal ends them. What is
 * needed to serve the first client is loaded first, and everything else later or never: help texts,
 * the HTTP server and the demo are not on the way to the first answer.
 */
@NullMarked
package io.gatehouse.app;

import org.jspecify.annotations.NullMarked;
