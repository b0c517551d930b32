package io.gatehouse.wire.walk;

import io.gatehouse.wire.Corpus;
import org.junit.jupiter.api.Test;

/** Runs the inputs of {@link WalkerFuzz} without a fuzzer. */
class WalkerCorpusTest {

  private final WalkerFuzz fuzz = new WalkerFuzz();

  @Test
  void anyBytes() {
    Corpus.withSeeds(WalkerFuzz.class, "anyBytes").forEach(fuzz::anyBytes);
  }

  @Test
  void anyBytesAllocateLittle() {
    Corpus.withSeeds(WalkerFuzz.class, "anyBytesAllocateLittle")
        .forEach(fuzz::anyBytesAllocateLittle);
  }
}
