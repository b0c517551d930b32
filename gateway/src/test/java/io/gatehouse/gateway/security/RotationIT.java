package io.gatehouse.gateway.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.gateway.fixture.Await;
import io.gatehouse.gateway.fixture.Frames;
import io.gatehouse.gateway.fixture.JavaClients;
import io.gatehouse.gateway.fixture.Ledger;
import io.gatehouse.gateway.fixture.Rig;
import io.gatehouse.gateway.fixture.Task;
import io.gatehouse.gateway.metrics.CloseReason;
import io.gatehouse.gateway.settings.Access;
import io.gatehouse.gateway.settings.Entry;
import io.gatehouse.gateway.settings.HostPort;
import io.gatehouse.testkit.RawClient;
import io.gatehouse.testkit.RawTls;
import io.gatehouse.testkit.pki.Credentials;
import io.gatehouse.testkit.pki.PemFiles;
import io.gatehouse.tls.Ciphers;
import io.gatehouse.tls.ClientTls;
import io.gatehouse.tls.KeySource;
import io.gatehouse.tls.ServerTls;
import io.gatehouse.tls.TrustSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of both sides are replaced under load without losing a request. */
class RotationIT {

  private static final int ROTATIONS = 8;

  @TempDir Path folder;

  /** Like a Kubernetes secret: all files change at once. */
  private final class Secret {
    private final String name;
    private final PemFiles files;
    private int version;

    Secret(String name, Credentials first) throws Exception {
      this.name = name;
      Path links = Files.createDirectories(folder.resolve(name));
      put(first);
      for (String file : new String[] {"tls.crt", "tls.key", "ca.crt"}) {
        Files.createSymbolicLink(links.resolve(file), Path.of("..data", file));
      }
      files =
          new PemFiles(links.resolve("tls.crt"), links.resolve("tls.key"), links.resolve("ca.crt"));
    }

    void put(Credentials next) throws Exception {
      Path links = folder.resolve(name);
      String data = "..v" + version++;
      next.writePem(Files.createDirectories(links.resolve(data)));
      Path fresh = Files.createSymbolicLink(links.resolve("..fresh"), Path.of(data));
      Files.move(
          fresh,
          links.resolve("..data"),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }

    KeySource source() {
      return new KeySource.Pem(files.chain(), files.key(), null);
    }
  }

  @Test
  void rotationUnderLoadLosesNoRequest() throws Exception {
    Secret shown = new Secret("shown", Secured.CA.server());
    Secret own = new Secret("own", Secured.CA.client("gateway"));
    ClientTls upstream =
        new ClientTls(
            own.source(), new TrustSource.Pem(own.files.authority(), false), true, Ciphers.DEFAULT);
    String topic = Secured.topic("rotated");
    try (SecuredGateway secured =
        SecuredGateway.of(Secured.cluster().bootstrapServers("TLS"))
            .access(Access.PLAINTEXT.with(upstream))
            .listener("x", Entry.OPEN.with(ServerTls.of(shown.source())))
            .start()) {
      Map<String, Object> properties = Secured.client(secured.bootstrap("x"), "SSL", Map.of());
      JavaClients clients = new JavaClients(HostPort.parse(secured.bootstrap("x")));
      Ledger ledger = Ledger.openSlow(topic, clients.producer(properties));
      AtomicBoolean enough = new AtomicBoolean();
      AtomicInteger visits = new AtomicInteger();
      Set<X509Certificate> seen = ConcurrentHashMap.newKeySet();
      Task<Boolean> visiting =
          Task.start(() -> {
            while (!enough.get()) {
              try (RawClient client =
                  RawTls.to("127.0.0.1", secured.port("x"))
                      .sni("localhost")
                      .trust(Secured.CA)
                      .connect()) {
                client.sendFrame(Frames.request(Frames.API_VERSIONS, 0, 1, new byte[0]));
                assertThat(client.readFrame(Rig.LIMIT)).isNotEmpty();
                seen.add(
                    (X509Certificate)
                        ((SSLSocket) client.socket()).getSession().getPeerCertificates()[0]);
                visits.incrementAndGet();
              }
            }
          });
      for (int i = 0; i < ROTATIONS; i++) {
        Credentials next = Secured.CA.server();
        own.put(Secured.CA.client("gateway"));
        shown.put(next);
        ledger.awaitMore(20);
        Await.until(
            () -> "the new certificate is not shown after " + visits + " visits",
            () -> visiting.isDone() || seen.contains(next.certificate()));
      }
      enough.set(true);
      visiting.join();
      assertThat(seen).hasSizeGreaterThanOrEqualTo(ROTATIONS);
      assertThat(secured.figures().value("gatehouse_tls_reload_failures", "of", "listener x"))
          .isZero();
      for (CloseReason reason : CloseReason.values()) {
        if (reason != CloseReason.CLIENT_CLOSED && reason != CloseReason.CLIENT_RESET) {
          assertThat(secured.figures().ends(reason)).as(reason.name()).isZero();
        }
      }
      try (KafkaConsumer<String, String> reader = clients.consumer(properties)) {
        ledger.closeAndCompare(reader);
      }
    }
  }
}
