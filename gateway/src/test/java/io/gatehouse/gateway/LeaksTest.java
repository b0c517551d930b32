package io.gatehouse.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.LeakWatch;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Scripts;
import io.gatehouse.gateway.fixture.Seed;
import io.gatehouse.gateway.fixture.Setup;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.testkit.RawClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/**
 * Buffers are released in whatever state a connection ends. All test classes run with leak
 * detection; this one closes connections in the states that hold the most buffers.
 */
class LeaksTest {

  private static final int CREATE_TOPICS_VERSION = 7;

  /** Situations in which the gateway holds buffers. */
  private enum PendingInput {
    PART_OF_A_HEAD,
    PART_OF_A_REFUSED_REQUEST,
    PART_OF_A_LARGE_REQUEST,
    REQUESTS_FOR_A_BROKER_BEING_DIALLED,
    MORE_REQUESTS_THAN_MAY_BE_IN_FLIGHT,
    OWN_ANSWERS_BEHIND_A_BROKERS,
    PART_OF_AN_ANSWERS_HEAD,
    PART_OF_A_METADATA_ANSWER,
    ANSWERS_THE_CLIENT_DOES_NOT_READ,
    REQUESTS_THE_BROKER_DOES_NOT_READ
  }

  private static byte[] request(int id, int bytes) {
    return Frames.request(Frames.UNKNOWN, 0, id, new byte[bytes]);
  }

  private static byte[] createTopics(int id) {
    return Frames.request(
        Frames.CREATE_TOPICS,
        CREATE_TOPICS_VERSION,
        id,
        Frames.newRequest(Frames.CREATE_TOPICS, CREATE_TOPICS_VERSION));
  }

  private static Rig rig() throws Exception {
    return new Setup().forbid(Frames.CREATE_TOPICS).inFlight(4).start();
  }

  private static List<RawClient> hold(Rig rig, PendingInput held) throws IOException {
    if (held == PendingInput.REQUESTS_FOR_A_BROKER_BEING_DIALLED) {
      rig.broker().hang();
      return List.of(rig.connect().send(Frames.framed(request(1, 5000), request(2, 50_000))));
    }
    Rig.Pair pair = rig.open();
    RawClient client = pair.client();
    RawClient link = pair.link();
    switch (held) {
      case PART_OF_A_HEAD -> client.send(Arrays.copyOf(Frames.framed(request(1, 50)), 9));
      case PART_OF_A_REFUSED_REQUEST ->
          client.send(Arrays.copyOf(Frames.framed(createTopics(1)), 14));
      case PART_OF_A_LARGE_REQUEST ->
          client.send(Arrays.copyOf(Frames.framed(request(1, 1 << 20)), 30_000));
      case MORE_REQUESTS_THAN_MAY_BE_IN_FLIGHT -> {
        for (int id = 1; id < 10; id++) {
          client.sendFrame(request(id, 1000));
        }
      }
      case OWN_ANSWERS_BEHIND_A_BROKERS -> {
        client.send(Frames.framed(request(1, 10), createTopics(2), createTopics(3)));
        var _ = link.readFrame(Rig.LIMIT);
      }
      case PART_OF_AN_ANSWERS_HEAD -> {
        client.sendFrame(request(1, 10));
        var _ = link.readFrame(Rig.LIMIT);
        link.send((byte) 0, (byte) 0, (byte) 1);
      }
      case PART_OF_A_METADATA_ANSWER -> {
        client.sendFrame(Frames.request(Frames.METADATA, 9, 1, new byte[5]));
        var _ = link.readFrame(Rig.LIMIT);
        byte[] answer = Scripts.metadata(9, 1, Map.of(1, rig.broker().address()));
        link.send(Arrays.copyOf(Frames.framed(answer), 25));
      }
      case ANSWERS_THE_CLIENT_DOES_NOT_READ -> {
        client.sendFrame(request(1, 10));
        var _ = link.readFrame(Rig.LIMIT);
        var _ = Task.start(() -> link.sendFrame(Frames.response(1, new byte[40 << 20])));
      }
      case REQUESTS_THE_BROKER_DOES_NOT_READ -> {
        var _ = Task.start(() -> client.sendFrame(request(1, 40 << 20)));
        assertThat(link.read(5000, Rig.LIMIT)).hasSize(5000);
      }
      default -> throw new IllegalArgumentException(held.name());
    }
    return List.of(client, link);
  }

  private static void expectNoLeaks() {
    LeakWatch.collect();
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @Test
  void whenTheGatewayIsClosed() throws Exception {
    for (PendingInput held : PendingInput.values()) {
      try (Rig rig = rig()) {
        assertThat(hold(rig, held)).isNotEmpty();
      }
    }
    expectNoLeaks();
  }

  @Test
  void whenAPeerResets() throws Exception {
    for (PendingInput held : PendingInput.values()) {
      for (int end = 0; end < 2; end++) {
        try (Rig rig = rig()) {
          List<RawClient> peers = hold(rig, held);
          peers.get(Math.min(end, peers.size() - 1)).reset();
          io.gatehouse.gateway.fixture.Await.until(
              () -> held + " is still open", () -> rig.gateway().metrics().openConnections() == 0);
        }
      }
    }
    expectNoLeaks();
  }

  @Test
  void whenManyComeAndGoAtRandom() throws Exception {
    try (Rig rig = rig()) {
      List<Task<Boolean>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        RandomGenerator random = Seed.random("come and go", t);
        tasks.add(Task.start(() -> comeAndGo(rig, random)));
      }
      var serving = Task.start(() -> serve(rig, Seed.random("serve")));
      tasks.forEach(Task::join);
      rig.gateway().close();
      serving.join();
    }
    expectNoLeaks();
  }

  private static void comeAndGo(Rig rig, RandomGenerator random) throws IOException {
    for (int i = 0; i < 40; i++) {
      RawClient client = RawClient.connect(rig.address().host(), rig.address().port());
      byte[] all =
          Frames.framed(request(1, random.nextInt(3000)), createTopics(2), request(3, 70_000));
      client.send(Arrays.copyOf(all, 1 + random.nextInt(all.length)));
      if (random.nextBoolean()) {
        client.close();
      } else {
        client.reset();
      }
    }
  }

  /** Answers some requests until the gateway has been closed. */
  private static void serve(Rig rig, RandomGenerator random) throws IOException {
    while (true) {
      RawClient link;
      try {
        link = rig.broker().accept(java.time.Duration.ofMillis(500));
      } catch (java.net.SocketTimeoutException e) {
        return;
      }
      try (link) {
        if (random.nextBoolean()) {
          var _ = link.readFrame(Rig.LIMIT);
          link.sendFrame(Frames.response(random.nextInt(2), new byte[random.nextInt(100_000)]));
        }
      } catch (IOException e) {
        // its client has closed
      }
    }
  }
}
