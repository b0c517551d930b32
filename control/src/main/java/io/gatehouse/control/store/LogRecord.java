package io.gatehouse.control.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.JsonText;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * The value of a record in the log: a whole change. Later formats may add anything, but must keep
 * {@code basedOn}, so that all versions agree which changes are accepted.
 *
 * @param change what this version can read of it
 * @param problems what it cannot read
 * @param origin what the log is a copy of, with this change; null if it is no copy
 */
record LogRecord(Change change, List<String> problems, @Nullable Origin origin) {

  private static final int FORMAT = 1;

  /** Of the name of a user, who may have a name of any length from an identity provider. */
  private static final int MAX_NAME = 200;

  /** What a record has besides the documents: at most this many bytes. */
  static final int ENVELOPE_BYTES = 200;

  /**
   * The log that was copied.
   *
   * @param topic id of its topic
   * @param revision its revision
   * @param complete whether the copy has all of that revision, not only a part
   */
  record Origin(String topic, long revision, boolean complete) {}

  LogRecord {
    problems = List.copyOf(problems);
  }

  LogRecord(Change change, List<String> problems) {
    this(change, problems, null);
  }

  static String put(Resource resource) {
    return JsonText.of(resource.document(true));
  }

  static String delete(Key key) {
    return JsonText.of(key.document());
  }

  /**
   * A record of documents that {@link #put} and {@link #delete} have written.
   *
   * @param time when it was written, for people who read the log
   */
  static byte[] encode(Instant time, LogWriter.Draft draft) {
    Origin origin = draft.origin();
    String copied =
        origin == null
            ? ""
            : "\"copyOf\":{\"topic\":\"%s\",\"revision\":%d,\"complete\":%b},"
                .formatted(origin.topic, origin.revision, origin.complete);
    return "{\"format\":%d,\"basedOn\":%d,\"time\":\"%s\",%s\"puts\":[%s],\"deletes\":[%s],\"by\":[%s]}"
        .formatted(
            FORMAT,
            draft.basedOn(),
            time,
            copied,
            String.join(",", draft.puts()),
            String.join(",", draft.deletes()),
            String.join(",", draft.by()))
        .getBytes(UTF_8);
  }

  /**
   * Who has changed a resource.
   *
   * @param user null if that is not known
   */
  static String by(@Nullable String user) {
    return JsonText.of(user == null ? "" : user.substring(0, Math.min(user.length(), MAX_NAME)));
  }

  /**
   * @throws MalformedException when it is no record of any format
   */
  static LogRecord decode(byte[] value) throws MalformedException {
    List<Value> documents = Document.readAll(value, Document.Form.JSON);
    if (documents.size() != 1
        || !(documents.getFirst() instanceof Value.Fields root)
        || !(root.fields().get("format") instanceof Value.Numeral format)
        || !(root.fields().get("basedOn") instanceof Value.Numeral basedOn)) {
      throw new MalformedException("it has no format and basedOn");
    }
    long revision;
    try {
      revision = Long.parseLong(basedOn.digits());
    } catch (NumberFormatException e) {
      throw new MalformedException("basedOn is no revision");
    }
    if (!format.digits().equals(String.valueOf(FORMAT))) {
      return new LogRecord(
          new Change(revision, List.of(), List.of()),
          List.of("it has the format " + format.digits() + " of a newer version"));
    }
    List<String> problems = new ArrayList<>();
    List<Resource> puts = new ArrayList<>();
    Names names = new Names(root);
    for (Value document : items(root, "puts", problems)) {
      try {
        names.next();
        Resource put = Stored.read(document);
        puts.add(put);
        names.changed(put.key());
      } catch (InvalidException e) {
        problems.addAll(e.problems());
      } catch (RuntimeException | StackOverflowError e) {
        problems.add(String.valueOf(e));
      }
    }
    List<Key> deletes = new ArrayList<>();
    for (Value document : items(root, "deletes", problems)) {
      try {
        names.next();
        Key deleted = Key.read(document);
        deletes.add(deleted);
        names.changed(deleted);
      } catch (InvalidException e) {
        problems.addAll(e.problems());
      } catch (RuntimeException | StackOverflowError e) {
        problems.add(String.valueOf(e));
      }
    }
    return new LogRecord(new Change(revision, puts, deletes, names.by), problems, origin(root));
  }

  /** Who has changed the resources: a name for each, in their order. Older records have none. */
  private static final class Names {
    private final List<Value> names;
    private final Map<Key, String> by = new HashMap<>();
    private int index = -1;

    Names(Value.Fields root) {
      names = root.fields().get("by") instanceof Value.Items list ? list.items() : List.of();
    }

    void next() {
      index++;
    }

    void changed(Key key) {
      if (index < names.size()
          && names.get(index) instanceof Value.Text name
          && !name.text().isEmpty()) {
        by.put(key, name.text());
      }
    }
  }

  private static @Nullable Origin origin(Value.Fields root) throws MalformedException {
    if (!(root.fields().get("copyOf") instanceof Value.Fields copied)) {
      return null;
    }
    if (copied.fields().get("topic") instanceof Value.Text topic
        && copied.fields().get("revision") instanceof Value.Numeral revision
        && copied.fields().get("complete") instanceof Value.Flag complete) {
      try {
        var _ = Uuid.fromString(topic.text());
        return new Origin(topic.text(), Long.parseLong(revision.digits()), complete.is());
      } catch (IllegalArgumentException _) {
        // refused below
      }
    }
    throw new MalformedException("copyOf names no revision of a topic");
  }

  private static List<Value> items(Value.Fields root, String name, List<String> problems) {
    if (root.fields().get(name) instanceof Value.Items list) {
      return list.items();
    }
    problems.add(name + " is no list");
    return List.of();
  }
}
