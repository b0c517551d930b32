package io.gatehouse.control.node;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What a node tells the others of its cluster.
 *
 * @param id unique among the nodes, and the same after a restart
 * @param started when its process has started
 * @param rack where it runs; null if it is not told
 * @param version the version of its software
 * @param listeners what each listener advertises, in a form that only the data plane reads
 */
public record NodeInfo(
    String id,
    Instant started,
    @Nullable String rack,
    String version,
    Map<String, String> listeners) {

  /** The first bytes of the format. Later formats only append fields, which are ignored here. */
  private static final int FORMAT = 1;

  /** Maximum size of one node, and of all nodes together, in bytes. */
  static final int MAX_NODE_BYTES = 32 << 10;

  static final int MAX_BYTES = 4 << 20;

  /** Maximum number of nodes and of a node's listeners. */
  private static final int MAX_COUNT = 1_000;

  public NodeInfo {
    started = Instant.ofEpochMilli(started.toEpochMilli());
    listeners = Map.copyOf(listeners);
  }

  /** Whether both describe the same process, with the same addresses. */
  boolean isSameProcess(NodeInfo other) {
    return id.equals(other.id) && started.equals(other.started);
  }

  /**
   * @throws IllegalArgumentException when it is too large
   */
  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeShort(FORMAT);
      out.writeUTF(id);
      out.writeLong(started.toEpochMilli());
      out.writeUTF(rack == null ? "" : rack);
      out.writeUTF(version);
      out.writeInt(listeners.size());
      for (Map.Entry<String, String> listener : new TreeMap<>(listeners).entrySet()) {
        out.writeUTF(listener.getKey());
        out.writeUTF(listener.getValue());
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("the description of the node is too large", e);
    }
    if (bytes.size() > MAX_NODE_BYTES) {
      throw new IllegalArgumentException(
          "the description of the node takes %d bytes, and %d are allowed"
              .formatted(bytes.size(), MAX_NODE_BYTES));
    }
    return bytes.toByteArray();
  }

  /** Reads {@link #encode}; null if it is something else. */
  static @Nullable NodeInfo decode(byte[] bytes) {
    if (bytes.length > MAX_NODE_BYTES) {
      return null;
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (in.readShort() < FORMAT) {
        return null;
      }
      String id = in.readUTF();
      Instant started = Instant.ofEpochMilli(in.readLong());
      String rack = in.readUTF();
      String version = in.readUTF();
      Map<String, String> listeners = new TreeMap<>();
      int count = count(in);
      for (int i = 0; i < count; i++) {
        String name = in.readUTF();
        listeners.put(name, in.readUTF());
      }
      return id.isEmpty()
          ? null
          : new NodeInfo(id, started, rack.isEmpty() ? null : rack, version, listeners);
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Writes a list of {@link #encode encoded} nodes. It is compressed, because each member of the
   * group receives the whole list.
   */
  static ByteBuffer encodeAll(List<byte[]> nodes) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(bytes))) {
      out.writeShort(FORMAT);
      out.writeInt(nodes.size());
      for (byte[] node : nodes) {
        out.writeInt(node.length);
        out.write(node);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  /** Reads {@link #encodeAll} without the nodes that cannot be read; null if it is no list. */
  static @Nullable List<NodeInfo> decodeAll(@Nullable ByteBuffer list) {
    if (list == null) {
      return null;
    }
    byte[] compressed = new byte[list.remaining()];
    list.duplicate().get(compressed);
    try (InflaterInputStream inflated =
        new InflaterInputStream(new ByteArrayInputStream(compressed))) {
      DataInputStream in =
          new DataInputStream(new ByteArrayInputStream(inflated.readNBytes(MAX_BYTES)));
      if (in.readShort() < FORMAT) {
        return null;
      }
      List<NodeInfo> nodes = new ArrayList<>();
      int count = count(in);
      for (int i = 0; i < count; i++) {
        int length = in.readInt();
        byte[] node = length < 0 || length > MAX_NODE_BYTES ? null : in.readNBytes(length);
        if (node == null || node.length < length) {
          return null;
        }
        NodeInfo decoded = decode(node);
        if (decoded != null) {
          nodes.add(decoded);
        }
      }
      return nodes;
    } catch (IOException e) {
      return null;
    }
  }

  private static int count(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > MAX_COUNT) {
      throw new IOException(count + " elements");
    }
    return count;
  }
}
