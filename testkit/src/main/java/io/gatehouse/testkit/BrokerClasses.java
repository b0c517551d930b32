package io.gatehouse.testkit;

import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/**
 * The classes of a Kafka broker in this JVM, for tests that compare with what the broker computes.
 * Classes that this JVM has already, such as those of kafka-clients, are not loaded again, so the
 * broker's code can be called through Kafka's public interfaces.
 */
public final class BrokerClasses extends URLClassLoader {

  private BrokerClasses(URL[] jars) {
    super("broker", jars, BrokerClasses.class.getClassLoader());
  }

  /** The classes of Kafka 4.4, the release of kafka-clients that the gateway uses. */
  public static BrokerClasses load() {
    return new BrokerClasses(
        KafkaJars.in("4.4").jars().stream().map(BrokerClasses::url).toArray(URL[]::new));
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }
}
