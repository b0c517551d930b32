/**
 * What is done with each request and response: a table by api key and version, made from the
 * settings, that every session reads.
 *
 * <p>{@link io.gatehouse.gateway.plan.Plan} answers two questions: how deep must this frame be
 * looked into, and by what. Walks are compiled when first needed; a {@link
 * io.gatehouse.gateway.plan.ResponseEdit} is told of what a walk finds and edits it; {@link
 * io.gatehouse.gateway.plan.Refusal} writes the gateway's own error responses.
 */
@NullMarked
package io.gatehouse.gateway.plan;

import org.jspecify.annotations.NullMarked;
