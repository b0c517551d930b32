/**
 * The program. {@link io.gatehouse.app.Main} selects a command, {@link
 * io.gatehouse.app.Configuration} merges the sources of its settings, and {@link
 * io.gatehouse.app.GatewayProcess} runs the gateway and the HTTP server until a signal ends them.
 * To keep the start short, classes that the first client does not need (help texts, HTTP server,
 * demo) are loaded later or not at all.
 */
@NullMarked
package io.gatehouse.app;

import org.jspecify.annotations.NullMarked;
