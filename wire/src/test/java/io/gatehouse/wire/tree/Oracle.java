package io.gatehouse.wire.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.wire.schema.FieldType;
import io.gatehouse.wire.schema.Layout;
import io.gatehouse.wire.schema.Layout.FieldLayout;
import io.gatehouse.wire.schema.Layout.StructLayout;
import io.gatehouse.wire.schema.MessageSchema;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/** Kafka's own message classes, as the reference for reading and writing. */
public final class Oracle {

  private static final Map<Class<?>, Map<String, Method>> METHODS = new ConcurrentHashMap<>();

  private Oracle() {}

  /** The class that Kafka generated for a message. */
  public static Class<? extends Message> type(MessageSchema schema) {
    boolean stored = schema.apiKey() < 0 && !schema.name().endsWith("Header");
    String name = "org.apache.kafka.common.message." + schema.name() + (stored ? "" : "Data");
    try {
      return Class.forName(name).asSubclass(Message.class);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(name, e);
    }
  }

  /** A message with the defaults of its constructor. */
  public static Message make(Layout layout) {
    return (Message) make(type(layout.message()));
  }

  /** Reads all of the bytes, and writes the result. */
  public static byte[] readAndWrite(Layout layout, byte[] bytes) {
    return write(read(layout, bytes), layout.version());
  }

  public static Message read(Layout layout, byte[] bytes) {
    Message message = make(layout);
    ByteBufferAccessor accessor = new ByteBufferAccessor(ByteBuffer.wrap(bytes));
    message.read(accessor, (short) layout.version());
    assertThat(accessor.remaining()).as("bytes that Kafka leaves unread").isZero();
    return message;
  }

  /** Like {@link #read}, but allows bytes after the message, as brokers do. */
  public static Message readLeniently(Layout layout, byte[] bytes) {
    Message message = make(layout);
    message.read(new ByteBufferAccessor(ByteBuffer.wrap(bytes)), (short) layout.version());
    return message;
  }

  public static byte[] write(Message message, int version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, (short) version));
    message.write(new ByteBufferAccessor(buffer), cache, (short) version);
    assertThat(buffer.remaining()).as("bytes that Kafka announced and did not write").isZero();
    return buffer.array();
  }

  /** A message with random values in the fields of this version, set by their setters. */
  public static Message random(Layout layout, RandomGenerator random) {
    Message message = make(layout);
    new Filler(random).fill(message, layout.root());
    return message;
  }

  /** Asserts that the tree and Kafka's object have the same value in each field. */
  public static void assertSame(Message message, Struct tree) {
    RandomTree.fields(tree.layout())
        .forEach(field -> {
          Object theirs = call(message, getter(message.getClass(), field));
          Object ours = tree.get(field.name());
          compare(tree.layout().name() + "." + field.name(), field, theirs, ours);
        });
    assertThat(tags(message))
        .as("unknown tags of %s", tree.layout().name())
        .isEqualTo(tags(tree.unknownTags()));
  }

  private static Map<Integer, List<Byte>> tags(Map<Integer, byte[]> tags) {
    return tags.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, e -> boxed(e.getValue())));
  }

  private static Map<Integer, List<Byte>> tags(Message message) {
    return message.unknownTaggedFields().stream()
        .collect(Collectors.toMap(RawTaggedField::tag, f -> boxed(f.data())));
  }

  private static List<Byte> boxed(byte[] bytes) {
    List<Byte> list = new ArrayList<>();
    for (byte each : bytes) {
      list.add(each);
    }
    return list;
  }

  private static void compare(
      String what, FieldLayout field, @Nullable Object theirs, @Nullable Object ours) {
    if (theirs instanceof Collection<?> elements && ours instanceof List<?> list) {
      assertThat(list).as(what).hasSameSizeAs(elements);
      int i = 0;
      for (Object each : elements) {
        compare(what, field, each, list.get(i++));
      }
    } else if (theirs instanceof Message struct && ours instanceof Struct tree) {
      assertSame(struct, tree);
    } else {
      assertThat(ours).as(what).isEqualTo(plain(theirs));
    }
  }

  private static @Nullable Object plain(@Nullable Object theirs) {
    return switch (theirs) {
      case Uuid uuid -> new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
      case ByteBuffer buffer -> bytes(buffer);
      case MemoryRecords records -> bytes(records.buffer());
      case null, default -> theirs;
    };
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static Method getter(Class<?> type, FieldLayout field) {
    return method(type, field.name().substring(0, 1).toLowerCase(Locale.ROOT) + tail(field), 0);
  }

  private static String tail(FieldLayout field) {
    return field.name().substring(1);
  }

  private static Method method(Class<?> type, String name, int parameters) {
    Map<String, Method> methods =
        METHODS.computeIfAbsent(
            type,
            t ->
                Arrays.stream(t.getMethods())
                    .filter(m -> !m.isBridge())
                    .collect(
                        Collectors.toMap(
                            m -> m.getName() + m.getParameterCount(),
                            m -> m,
                            (one, other) -> one)));
    return Objects.requireNonNull(methods.get(name + parameters), type + " has no " + name);
  }

  private static @Nullable Object call(Object target, Method method, @Nullable Object... values) {
    try {
      return method.invoke(target, values);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new LinkageError(method.toString(), e);
    }
  }

  private static Object make(Class<?> type) {
    try {
      return type.getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(type.toString(), e);
    }
  }

  /** Sets the fields by their setters, to values that depend on their Java types only. */
  private record Filler(RandomGenerator random) {

    private void fill(Object message, StructLayout layout) {
      RandomTree.fields(layout)
          .forEach(field -> {
            if (field.tag() >= 0 && random.nextInt(3) == 0) {
              return;
            }
            Method setter =
                method(
                    message.getClass(),
                    "set" + field.name().substring(0, 1).toUpperCase(Locale.ROOT) + tail(field),
                    1);
            Type type = setter.getGenericParameterTypes()[0];
            boolean none = field.nullable() && random.nextInt(4) == 0;
            call(message, setter, none ? null : value(type, field));
          });
      if (layout.flexible() && random.nextInt(4) == 0) {
        int tag = 100 + random.nextInt(100_000);
        byte[] content = RandomTree.bytes(random, random.nextInt(200));
        ((Message) message).unknownTaggedFields().add(new RawTaggedField(tag, content));
      }
    }

    private Object value(Type type, FieldLayout field) {
      if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
        return fillList(new ArrayList<>(), list.getActualTypeArguments()[0], field);
      }
      Class<?> plain = (Class<?>) type;
      if (Collection.class.isAssignableFrom(plain)) {
        Type element =
            ((ParameterizedType) plain.getGenericSuperclass()).getActualTypeArguments()[0];
        @SuppressWarnings("unchecked") // the elements' type is the type argument that was just read
        Collection<Object> collection = (Collection<Object>) make(plain);
        return fillList(collection, element, field);
      }
      return scalar(plain, field);
    }

    private Collection<Object> fillList(Collection<Object> list, Type element, FieldLayout field) {
      for (int i = random.nextInt(4); i > 0; i--) {
        list.add(scalar((Class<?>) element, field));
      }
      return list;
    }

    private Object scalar(Class<?> type, FieldLayout field) {
      if (Message.class.isAssignableFrom(type)) {
        Object struct = make(type);
        fill(struct, field.structOrThrow());
        return struct;
      }
      return switch (type.getSimpleName()) {
        case "boolean", "Boolean" -> random.nextBoolean();
        case "byte", "Byte" -> (byte) random.nextInt();
        case "short", "Short" -> (short) random.nextInt();
        case "int", "Integer" ->
            field.type() == FieldType.UINT16 ? random.nextInt(0x10000) : random.nextInt();
        case "long", "Long" ->
            field.type() == FieldType.UINT32 ? random.nextLong(1L << 32) : random.nextLong();
        case "double", "Double" -> random.nextDouble();
        case "String" -> RandomTree.text(random, random.nextInt(150));
        case "Uuid" -> new Uuid(random.nextLong(), random.nextLong());
        case "byte[]" -> RandomTree.bytes(random, random.nextInt(300));
        case "ByteBuffer" -> ByteBuffer.wrap(RandomTree.bytes(random, random.nextInt(300)));
        case "BaseRecords" ->
            MemoryRecords.readableRecords(
                ByteBuffer.wrap(RandomTree.bytes(random, random.nextInt(300))));
        default -> throw new AssertionError("no value for " + type);
      };
    }
  }
}
