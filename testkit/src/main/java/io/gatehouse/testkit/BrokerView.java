package io.gatehouse.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A broker's view of its cluster, read with Metadata v9, which all supported releases have.
 *
 * @param controllerId -1 if it knows none
 * @param brokers the ids of live brokers, without fenced ones
 * @param topics the known topics among the requested ones, by name and partition
 */
record BrokerView(
    int controllerId, Set<Integer> brokers, Map<String, Map<Integer, Partition>> topics) {

  /**
   * A partition.
   *
   * @param leader the broker id of the leader, -1 if there is none
   * @param replicas the number of replicas
   * @param inSync the number of in-sync replicas
   */
  record Partition(int leader, int replicas, int inSync) {}

  private static final int METADATA = 3;
  private static final int VERSION = 9;

  /** The leader of a partition; -1 if there is none or the partition is unknown. */
  int leader(String topic, int partition) {
    Partition known = topics.getOrDefault(topic, Map.of()).get(partition);
    return known == null ? -1 : known.leader();
  }

  /** Whether the topic is known and the condition is true for all its partitions. */
  boolean allPartitions(String topic, Predicate<Partition> condition) {
    Map<Integer, Partition> partitions = topics.getOrDefault(topic, Map.of());
    return !partitions.isEmpty() && partitions.values().stream().allMatch(condition);
  }

  /** Requests the view of the broker at this port of this machine. */
  static BrokerView ask(String host, int port, List<String> topics, Duration limit)
      throws IOException {
    try (RawClient client = RawClient.connect(host, port)) {
      client.request(RawClient.Header.V2, METADATA, VERSION, body(topics));
      return parse(ByteBuffer.wrap(client.readFrame(limit)));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("not an answer to Metadata v9", e);
    }
  }

  private static byte[] body(List<String> topics) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    writeUnsigned(out, topics.size() + 1);
    for (String topic : topics) {
      byte[] name = topic.getBytes(StandardCharsets.UTF_8);
      writeUnsigned(out, name.length + 1);
      out.write(name);
      out.writeByte(0); // tagged fields
    }
    out.writeBoolean(false); // create topics
    out.writeBoolean(false); // list cluster operations
    out.writeBoolean(false); // list topic operations
    out.writeByte(0); // tagged fields
    return bytes.toByteArray();
  }

  private static BrokerView parse(ByteBuffer in) {
    in.getInt(); // correlation id
    skipTags(in);
    in.getInt(); // throttle time
    Set<Integer> brokers = new HashSet<>();
    for (int left = arrayLength(in); left > 0; left--) {
      brokers.add(in.getInt());
      string(in); // host
      in.getInt(); // port
      string(in); // rack
      skipTags(in);
    }
    string(in); // cluster id
    int controllerId = in.getInt();
    Map<String, Map<Integer, Partition>> topics = new HashMap<>();
    for (int left = arrayLength(in); left > 0; left--) {
      short error = in.getShort();
      String name = string(in);
      in.get(); // internal
      Map<Integer, Partition> partitions = partitions(in);
      in.getInt(); // authorized operations
      skipTags(in);
      if (error == 0) {
        topics.put(name, partitions);
      }
    }
    return new BrokerView(controllerId, Set.copyOf(brokers), Map.copyOf(topics));
  }

  private static Map<Integer, Partition> partitions(ByteBuffer in) {
    Map<Integer, Partition> partitions = new HashMap<>();
    for (int left = arrayLength(in); left > 0; left--) {
      in.getShort(); // error: the leader has the same information
      int index = in.getInt();
      int leader = in.getInt();
      in.getInt(); // leader epoch
      int replicas = skipIds(in);
      int inSync = skipIds(in);
      skipIds(in); // offline replicas
      skipTags(in);
      partitions.put(index, new Partition(leader, replicas, inSync));
    }
    return Map.copyOf(partitions);
  }

  /** Skips a list of broker ids and returns how many there were. */
  private static int skipIds(ByteBuffer in) {
    int count = arrayLength(in);
    in.position(in.position() + 4 * count);
    return count;
  }

  private static void writeUnsigned(DataOutputStream out, int value) throws IOException {
    int rest = value;
    while (rest > 0x7f) {
      out.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  private static int unsigned(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; shift < 32; shift += 7) {
      byte part = in.get();
      value |= (part & 0x7f) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint over five bytes long");
  }

  private static int arrayLength(ByteBuffer in) {
    return Math.max(0, unsigned(in) - 1);
  }

  /** A string; an empty one for null. */
  private static String string(ByteBuffer in) {
    byte[] bytes = new byte[Math.min(arrayLength(in), in.remaining())];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void skipTags(ByteBuffer in) {
    for (int left = unsigned(in); left > 0; left--) {
      unsigned(in); // tag
      int length = unsigned(in);
      in.position(in.position() + length);
    }
  }
}
