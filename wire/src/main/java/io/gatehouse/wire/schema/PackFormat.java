package io.gatehouse.wire.schema;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The format of the packed resource: an index of (name, API key, length), then the messages in the
 * same order, so that a reader unpacks only those it needs.
 */
final class PackFormat {

  private PackFormat() {}

  static void write(List<MessageSchema> messages, DataOutput out) throws IOException {
    out.writeShort(messages.size());
    List<byte[]> bodies = new ArrayList<>();
    for (MessageSchema message : messages) {
      byte[] body = body(message);
      bodies.add(body);
      out.writeUTF(message.name());
      out.writeShort(message.apiKey());
      out.writeInt(body.length);
    }
    for (byte[] body : bodies) {
      out.write(body);
    }
  }

  private static byte[] body(MessageSchema message) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    write(message.valid(), out);
    write(message.flexible(), out);
    out.writeBoolean(message.unstableLatest());
    writeFields(message.body().fields(), out);
    return bytes.toByteArray();
  }

  static MessageSchema readBody(String name, int apiKey, DataInput in) throws IOException {
    Versions valid = readVersions(in);
    Versions flexible = readVersions(in);
    boolean unstable = in.readBoolean();
    return new MessageSchema(
        name, apiKey, valid, flexible, unstable, new MessageSchema.Body(readFields(in)));
  }

  private static void writeFields(List<Field> fields, DataOutput out) throws IOException {
    out.writeShort(fields.size());
    for (Field field : fields) {
      out.writeUTF(field.name());
      out.writeByte(field.type().ordinal());
      out.writeBoolean(field.array());
      write(field.ranges().versions(), out);
      write(field.ranges().nullable(), out);
      write(field.ranges().tagged(), out);
      write(field.ranges().flexible(), out);
      out.writeShort(field.tag());
      out.writeUTF(field.meaning().entity());
      out.writeUTF(field.meaning().defaultText());
      writeFields(field.fields(), out);
    }
  }

  private static List<Field> readFields(DataInput in) throws IOException {
    int count = in.readShort();
    List<Field> fields = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      FieldType type = FieldType.of(in.readByte());
      boolean array = in.readBoolean();
      Field.Ranges ranges =
          new Field.Ranges(readVersions(in), readVersions(in), readVersions(in), readVersions(in));
      int tag = in.readShort();
      Field.Meaning meaning = new Field.Meaning(in.readUTF(), in.readUTF());
      fields.add(new Field(name, type, array, ranges, tag, meaning, readFields(in)));
    }
    return List.copyOf(fields);
  }

  private static void write(Versions versions, DataOutput out) throws IOException {
    out.writeShort(versions.lowest());
    out.writeShort(versions.highest());
  }

  private static Versions readVersions(DataInput in) throws IOException {
    return new Versions(in.readShort(), in.readShort());
  }
}
