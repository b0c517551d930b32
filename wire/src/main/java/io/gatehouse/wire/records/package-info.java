/**
 * Record sets: the batches of records that Produce and Fetch carry, in all three formats (magic 0,
 * 1 and 2) and with all of Kafka's codecs.
 *
 * <p>A {@link io.gatehouse.wire.records.BatchCursor} reads the headers of batches where they lie
 * and decompresses nothing; a {@link io.gatehouse.wire.records.RecordCursor} reads the records of
 * one batch, decompressed within a bound that the caller states; a {@link
 * io.gatehouse.wire.records.BatchBuilder} writes a batch like another one with other records.
 */
@NullMarked
package io.gatehouse.wire.records;

import org.jspecify.annotations.NullMarked;
