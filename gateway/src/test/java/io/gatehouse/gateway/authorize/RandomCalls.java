package io.gatehouse.gateway.authorize;

import io.gatehouse.wire.schema.Versions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Random requests about the resources of a {@link World}, which leave it as it is. */
final class RandomCalls {

  private final RandomGenerator random;
  private final Map<Integer, Versions> versions;
  private final Map<Integer, Consumer<CallBody>> fillers = new TreeMap<>();

  RandomCalls(World world, RandomGenerator random, Map<Integer, Versions> versions) {
    this.random = random;
    this.versions = versions;
    Choices choose = new Choices(world, random);
    fillers.putAll(new ClientCalls(choose).fillers());
    fillers.putAll(new AdminCalls(choose).fillers());
    fillers.putAll(new NewGroupCalls(choose).fillers());
  }

  /** The APIs that there are requests of. */
  Set<Integer> apis() {
    return Collections.unmodifiableSet(fillers.keySet());
  }

  /** A few requests of each API in several versions. */
  List<Call> all(int ofEach) {
    List<Call> calls = new ArrayList<>();
    fillers.forEach((api, filler) -> {
      Versions range = versions.get(api);
      for (int i = 0; range != null && i < ofEach; i++) {
        int version =
            switch (random.nextInt(4)) {
              case 0 -> range.lowest();
              case 1 -> range.lowest() + random.nextInt(range.highest() - range.lowest() + 1);
              default -> range.highest();
            };
        CallBody body = CallBody.of(api, version);
        filler.accept(body);
        calls.add(body.call());
      }
    });
    return calls;
  }
}
