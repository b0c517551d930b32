/**
 * Decides what is done with each request and response: a table by API key and version, built from
 * the settings, which all sessions read.
 *
 * <p>{@link io.gatehouse.gateway.plan.Plan} finds the {@link io.gatehouse.gateway.plan.Route} of a
 * request: whether its frames are relayed, walked or held, and by which program. Programs are
 * compiled on first use. A {@link io.gatehouse.gateway.plan.ResponseEdit} receives the fields that
 * a walk finds and edits them. {@link io.gatehouse.gateway.plan.Refusal} writes the gateway's own
 * error responses.
 */
@NullMarked
package io.gatehouse.gateway.plan;

import org.jspecify.annotations.NullMarked;
