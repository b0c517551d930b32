package io.gatehouse.auth.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoolTest {

  private static final List<String> EVENTS = new ArrayList<>();

  private record Thing(String name) implements AutoCloseable {
    @Override
    public void close() {
      EVENTS.add("-" + name);
    }
  }

  private record Part(String name) implements Source<Thing> {
    @Override
    public Thing open(Leases parts) {
      if (name.isEmpty()) {
        throw new IllegalArgumentException("it has no name");
      }
      EVENTS.add("+" + name);
      return new Thing(name);
    }
  }

  private record Whole(String name, Part part) implements Source<Thing> {
    @Override
    public Thing open(Leases parts) throws SourceException {
      var _ = parts.get(part);
      EVENTS.add("+" + name);
      return new Thing(name);
    }
  }

  @Test
  void equalSourcesShareWhatIsOpen() throws Exception {
    EVENTS.clear();
    Pool pool = new Pool();
    Leases before = pool.leases();
    Leases after = pool.leases();
    Thing thing = before.get(new Part("a"));
    assertThat(after.get(new Part("a"))).isSameAs(thing);
    assertThat(after.held(new Part("a"))).isSameAs(thing);
    before.close();
    assertThat(EVENTS).containsExactly("+a");
    after.close();
    assertThat(EVENTS).containsExactly("+a", "-a");
    assertThat(pool.size()).isZero();
  }

  @Test
  void partsAreSharedAndEndAfterTheWhole() throws Exception {
    EVENTS.clear();
    Pool pool = new Pool();
    Leases leases = pool.leases();
    var _ = leases.get(new Whole("x", new Part("a")));
    var _ = leases.get(new Whole("y", new Part("a")));
    leases.close();
    assertThat(EVENTS).containsExactly("+a", "+x", "+y", "-y", "-x", "-a");
  }

  @Test
  void aFailedOpenReleasesItsParts() {
    EVENTS.clear();
    Pool pool = new Pool();
    try (Leases leases = pool.leases()) {
      assertThatExceptionOfType(SourceException.class)
          .isThrownBy(() -> leases.get(new Whole("x", new Part(""))))
          .withMessage("it has no name");
    }
    assertThat(pool.size()).isZero();
    assertThat(EVENTS).isEmpty();
  }
}
