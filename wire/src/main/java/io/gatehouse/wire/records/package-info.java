/**
 * Record sets: the batches of records in Produce and Fetch, in all three formats (magic 0, 1 and 2)
 * and with all of Kafka's codecs.
 *
 * <p>A {@link io.gatehouse.wire.records.BatchCursor} reads the headers of batches in place and
 * decompresses nothing. A {@link io.gatehouse.wire.records.RecordCursor} reads the records of one
 * batch, decompressed up to a limit of the caller. A {@link io.gatehouse.wire.records.BatchBuilder}
 * writes a batch with other records.
 */
@NullMarked
package io.gatehouse.wire.records;

import org.jspecify.annotations.NullMarked;
