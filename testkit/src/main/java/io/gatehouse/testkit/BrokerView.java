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

/**
 * What one broker knows of its cluster, asked by Metadata v9, which every release here speaks.
 *
 * @param controllerId -1 when it knows none
 * @param brokers the ids of those that live; a fenced one is not among them
 * @param leaders by topic and partition, -1 where there is none; of the topics asked for that it
 *     knows
 */
record BrokerView(
    int controllerId, Set<Integer> brokers, Map<String, Map<Integer, Integer>> leaders) {

  private static final int METADATA = 3;
  private static final int VERSION = 9;

  /** Asks the broker at this port of this machine. */
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
    Map<String, Map<Integer, Integer>> leaders = new HashMap<>();
    for (int left = arrayLength(in); left > 0; left--) {
      short error = in.getShort();
      String name = string(in);
      in.get(); // internal
      Map<Integer, Integer> partitions = partitions(in);
      in.getInt(); // authorized operations
      skipTags(in);
      if (error == 0) {
        leaders.put(name, partitions);
      }
    }
    return new BrokerView(controllerId, Set.copyOf(brokers), Map.copyOf(leaders));
  }

  private static Map<Integer, Integer> partitions(ByteBuffer in) {
    Map<Integer, Integer> leaders = new HashMap<>();
    for (int left = arrayLength(in); left > 0; left--) {
      in.getShort(); // error: tells again what the leader does
      leaders.put(in.getInt(), in.getInt());
      in.getInt(); // leader epoch
      for (int list = 0; list < 3; list++) { // replicas, in-sync ones, offline ones
        int ids = arrayLength(in);
        in.position(in.position() + 4 * ids);
      }
      skipTags(in);
    }
    return Map.copyOf(leaders);
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
