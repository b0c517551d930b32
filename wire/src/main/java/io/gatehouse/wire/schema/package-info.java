/**
 * What a Kafka message looks like, read from the protocol's own JSON definitions.
 *
 * <p>The definitions ship in kafka-clients ({@code common/message/*.json}). {@link
 * io.gatehouse.wire.schema.SchemaPack} packs them at build time into one small resource; {@link
 * io.gatehouse.wire.schema.Schemas} opens it and unpacks a message when first asked for. A {@link
 * io.gatehouse.wire.schema.Layout} is one message in one version, with {@link
 * io.gatehouse.wire.schema.FieldKind} telling what each field means to a gateway.
 */
@NullMarked
package io.gatehouse.wire.schema;

import org.jspecify.annotations.NullMarked;
