package io.gatehouse.control.store;

import io.gatehouse.auth.pool.Leases;
import io.gatehouse.auth.pool.Source;
import io.gatehouse.auth.pool.SourceException;
import io.gatehouse.control.kafka.KafkaAccess;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Settings of a store. Equal settings share one store. */
public sealed interface StoreSettings extends Source<Store> {

  /** Keeps resources in memory, until the process ends. */
  record Memory() implements StoreSettings {
    @Override
    public Store open(Leases parts) {
      return new MemoryStore();
    }
  }

  /** One YAML file. */
  record File(Path path) implements StoreSettings {
    @Override
    public Store open(Leases parts) {
      return FileStore.open(path);
    }

    @Override
    public void check() {
      FileStore.check(path);
    }
  }

  /**
   * A compacted topic, shared by all nodes of a gateway.
   *
   * @param cluster name of an upstream cluster in the settings
   * @param replication replicas of the topic if it has to be created; -1 for the brokers' default
   * @param copy name of the cluster that keeps a copy, in the topic with {@link #COPY} at the end;
   *     null for none
   */
  record Kafka(String cluster, String topic, int replication, @Nullable String copy)
      implements StoreSettings {

    static final String COPY = "_copy";
    private static final int LONGEST = 249;
    private static final Pattern TOPIC = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

    public Kafka {
      if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
        throw new IllegalArgumentException(
            "'%s' is no name of a topic: letters, digits, '.', '_' and '-', 249 at most"
                .formatted(topic));
      }
      if (copy != null && topic.length() + COPY.length() > LONGEST) {
        throw new IllegalArgumentException(
            "'%s' is too long: its copy in the cluster %s has %s at the end, and names of topics have 249 characters at most"
                .formatted(topic, copy, COPY));
      }
    }

    @Override
    public Store open(Leases parts) throws SourceException {
      return KafkaStore.open(
          new KafkaPlace(parts.get(KafkaAccess.SOURCE), cluster, topic, replication), copy);
    }
  }
}
