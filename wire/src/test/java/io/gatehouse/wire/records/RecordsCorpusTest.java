package io.gatehouse.wire.records;

import io.gatehouse.wire.Corpus;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the inputs of {@link RecordsFuzz} without a fuzzer. */
class RecordsCorpusTest {

  private final RecordsFuzz fuzz = new RecordsFuzz();

  @Test
  void anySet() {
    Stream.concat(Corpus.of(RecordsFuzz.class, "anySet"), RecordsFuzz.seeds())
        .forEach(fuzz::anySet);
  }

  @Test
  void anyRecords() {
    Stream.concat(Corpus.of(RecordsFuzz.class, "anyRecords"), RecordsFuzz.recordSeeds())
        .forEach(fuzz::anyRecords);
  }
}
