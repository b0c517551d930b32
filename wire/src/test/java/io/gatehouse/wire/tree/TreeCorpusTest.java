package io.gatehouse.wire.tree;

import io.gatehouse.wire.Corpus;
import io.gatehouse.wire.FuzzInput;
import org.junit.jupiter.api.Test;

/** Runs the inputs of {@link TreeFuzz} without a fuzzer. */
class TreeCorpusTest {

  private final TreeFuzz fuzz = new TreeFuzz();

  @Test
  void anyBytes() {
    Corpus.withSeeds(TreeFuzz.class, "anyBytes").forEach(fuzz::anyBytes);
  }

  @Test
  void anyRequestHeader() {
    Corpus.of(TreeFuzz.class, "anyRequestHeader").forEach(fuzz::anyRequestHeader);
    FuzzInput.seeds().forEach(fuzz::anyRequestHeader);
  }
}
