/**
 * The layout of Kafka messages, from the protocol's own JSON definitions.
 *
 * <p>The definitions are part of kafka-clients ({@code common/message/*.json}). {@link
 * io.gatehouse.wire.schema.SchemaPack} packs them at build time into one small resource; {@link
 * io.gatehouse.wire.schema.Schemas} unpacks a message on first use. A {@link
 * io.gatehouse.wire.schema.Layout} is one message in one version, and {@link
 * io.gatehouse.wire.schema.FieldKind} is the meaning of a field to a gateway.
 */
@NullMarked
package io.gatehouse.wire.schema;

import org.jspecify.annotations.NullMarked;
