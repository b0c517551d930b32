package io.gatehouse.wire.schema;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** All message definitions, each unpacked on first use. Safe for use by many threads. */
public final class Schemas {

  /** Kafka's own API keys are small; higher ones are vendor extensions. */
  private static final int HIGHEST_API_KEY = 1023;

  private static final String REQUEST = "Request";
  private static final String RESPONSE = "Response";

  private static final Schemas INSTANCE = open();

  private final byte[] pack;
  private final Map<String, Entry> entries;
  private final @Nullable Entry[] requests = new @Nullable Entry[HIGHEST_API_KEY + 1];
  private final @Nullable Entry[] responses = new @Nullable Entry[HIGHEST_API_KEY + 1];
  private final Map<String, MessageSchema> unpacked = new ConcurrentHashMap<>();

  private record Entry(String name, int apiKey, int offset, int length) {}

  private Schemas(byte[] pack, Map<String, Entry> entries) {
    this.pack = pack;
    this.entries = entries;
    for (Entry entry : entries.values()) {
      if (entry.apiKey < 0 || entry.apiKey > HIGHEST_API_KEY) {
        continue;
      }
      if (entry.name.endsWith(REQUEST)) {
        requests[entry.apiKey] = entry;
      } else if (entry.name.endsWith(RESPONSE)) {
        responses[entry.apiKey] = entry;
      }
    }
  }

  /** The definitions of the kafka-clients version that this build uses. */
  public static Schemas get() {
    return INSTANCE;
  }

  /** The request of an API, or null for an unknown key. */
  public @Nullable MessageSchema request(int apiKey) {
    return find(requests, apiKey);
  }

  /** Whether the API exists in this version. */
  public boolean knows(int apiKey, int version) {
    MessageSchema request = request(apiKey);
    return request != null && request.valid().contains(version);
  }

  /** The response of an API, or null for an unknown key. */
  public @Nullable MessageSchema response(int apiKey) {
    return find(responses, apiKey);
  }

  /** The API's name, for instance {@code Fetch}, or null for an unknown key. */
  public @Nullable String apiName(int apiKey) {
    Entry entry = apiKey < 0 || apiKey > HIGHEST_API_KEY ? null : requests[apiKey];
    return entry == null ? null : entry.name.substring(0, entry.name.length() - REQUEST.length());
  }

  /** A message by its full name, for instance {@code RequestHeader}; null if unknown. */
  public @Nullable MessageSchema message(String name) {
    Entry entry = entries.get(name);
    return entry == null ? null : unpack(entry);
  }

  /** The known API keys in ascending order. */
  public List<Integer> apiKeys() {
    return entries.values().stream()
        .filter(e -> e.name.endsWith(REQUEST) && e.apiKey >= 0)
        .map(Entry::apiKey)
        .sorted()
        .toList();
  }

  private @Nullable MessageSchema find(@Nullable Entry[] table, int apiKey) {
    Entry entry = apiKey < 0 || apiKey > HIGHEST_API_KEY ? null : table[apiKey];
    return entry == null ? null : unpack(entry);
  }

  private MessageSchema unpack(Entry entry) {
    return unpacked.computeIfAbsent(
        entry.name,
        name -> {
          byte[] body = Arrays.copyOfRange(pack, entry.offset, entry.offset + entry.length);
          try {
            return PackFormat.readBody(
                name, entry.apiKey, new DataInputStream(new ByteArrayInputStream(body)));
          } catch (IOException e) {
            throw new UncheckedIOException("damaged definition of " + name, e);
          }
        });
  }

  private static Schemas open() {
    try (InputStream resource = Schemas.class.getResourceAsStream("messages.pack")) {
      if (resource == null) {
        throw new IllegalStateException(
            "messages.pack is missing beside " + Schemas.class.getName() + ": build wire again");
      }
      byte[] pack = resource.readAllBytes();
      ByteArrayInputStream bytes = new ByteArrayInputStream(pack);
      DataInputStream in = new DataInputStream(bytes);
      int count = in.readShort();
      Map<String, Entry> relative = new LinkedHashMap<>();
      int length = 0;
      for (int i = 0; i < count; i++) {
        Entry entry = new Entry(in.readUTF(), in.readShort(), length, in.readInt());
        relative.put(entry.name, entry);
        length += entry.length;
      }
      int start = pack.length - bytes.available();
      Map<String, Entry> absolute = new LinkedHashMap<>();
      relative.forEach(
          (name, e) -> absolute.put(name, new Entry(name, e.apiKey, start + e.offset, e.length)));
      return new Schemas(pack, absolute);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
