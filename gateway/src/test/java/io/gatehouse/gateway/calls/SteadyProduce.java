package io.gatehouse.gateway.calls;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.wire.tree.Struct;
import java.util.Random;

/** A client that sends Produce requests one after the other, each after the previous response. */
public final class SteadyProduce {

  private static final int VERSION = 11;
  private static final int WARM_UP = 20;

  private SteadyProduce() {}

  /**
   * @param begun run before the first request that counts
   */
  public static void run(int requests, Runnable begun) throws Exception {
    byte[] request = Frames.produce(VERSION, 1, -1, 1000, new Random(1));
    Struct answer = Frames.newResponse(Frames.PRODUCE, VERSION);
    answer.addStruct("Responses").setIfPresent("Name", "t").addStruct("PartitionResponses");
    byte[] response = Frames.response(Frames.PRODUCE, VERSION, 1, answer);
    try (Rig rig = Rig.start()) {
      Rig.Pair pair = rig.open();
      for (int i = 0; i < WARM_UP; i++) {
        pair.exchange(request, response);
      }
      begun.run();
      for (int i = 0; i < requests; i++) {
        pair.exchange(request, response);
      }
    }
  }
}
