package io.gatehouse.control.folder;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.Document.Form;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Stored;
import io.gatehouse.control.store.References;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of resources. What is wrong is collected, so that it can be told at once. Not safe
 * for use by several threads.
 */
public final class ResourceFiles {

  /** Maximum size of all files together, in bytes. */
  private static final int MAX_BYTES = 16 << 20;

  static final int MAX_FILES = 10_000;
  static final int MAX_DEPTH = 8;
  private static final int MAX_PROBLEMS = 100;

  private final List<Declared> documents = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private long bytes;
  private int files;
  private int untold;

  /**
   * A document of a file.
   *
   * @param file its name for messages
   */
  public record Declared(Value value, String file) {

    /** The file and line. */
    public String place() {
      return file + ":" + value.line();
    }
  }

  /** Reads the identity or the resource of a document. */
  @FunctionalInterface
  public interface Reader<T> {
    T read(Value document) throws InvalidException;
  }

  /** Reads a file, or those of a folder and its subfolders, by their paths from here. */
  public void read(Path path) {
    if (Files.isDirectory(path)) {
      readFolder(path, path.toString(), 0);
    } else {
      readFile(path, path.toString());
    }
  }

  /** Reads the files of a folder; their names begin below it. */
  public void readBelow(Path folder) {
    readFolder(folder, "", 0);
  }

  /**
   * Hidden names are skipped: editors and version control have them, and Kubernetes mounts a
   * ConfigMap as a hidden folder with a link to each of its files.
   */
  private void readFolder(Path folder, String shown, int depth) {
    if (depth > MAX_DEPTH) {
      problem(shown + ": folders are nested more than " + MAX_DEPTH + " levels deep");
      return;
    }
    List<Path> entries;
    try (Stream<Path> listed = Files.list(folder)) {
      entries = listed.limit(MAX_FILES + 1L).sorted().toList();
    } catch (IOException e) {
      problem(shown + ": the folder cannot be read: " + reason(e));
      return;
    }
    for (Path entry : entries) {
      String name = String.valueOf(entry.getFileName());
      String path = shown.isEmpty() ? name : shown + "/" + name;
      if (Files.isDirectory(entry) && !isHidden(entry)) {
        readFolder(entry, path, depth + 1);
      } else if (isRead(entry)) {
        readFile(entry, path);
      }
    }
  }

  static boolean isHidden(Path entry) {
    return String.valueOf(entry.getFileName()).startsWith(".");
  }

  /** Whether a file of a folder is one of resources. */
  static boolean isRead(Path entry) {
    return !isHidden(entry) && formOf(String.valueOf(entry.getFileName())) != null;
  }

  private static @Nullable Form formOf(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".json")
        ? Form.JSON
        : lower.endsWith(".yaml") || lower.endsWith(".yml") ? Form.YAML : null;
  }

  private void readFile(Path file, String shown) {
    if (files == MAX_FILES) {
      problem(shown + ": there are more than " + MAX_FILES + " files");
    }
    if (++files > MAX_FILES) {
      return;
    }
    try (InputStream in = Files.newInputStream(file)) {
      read(in, shown, formOf(shown));
    } catch (NoSuchFileException e) {
      problem(shown + ": there is no such file");
    } catch (IOException e) {
      problem(shown + ": it cannot be read: " + reason(e));
    }
  }

  /** Reads a stream of YAML, or of JSON, which begins with a bracket. */
  public void read(InputStream in, String shown) {
    try {
      read(in, shown, null);
    } catch (IOException e) {
      problem(shown + ": it cannot be read: " + reason(e));
    }
  }

  private void read(InputStream in, String shown, @Nullable Form given) throws IOException {
    byte[] content = in.readNBytes((int) Math.max(0, MAX_BYTES - bytes) + 1);
    bytes += content.length;
    if (bytes > MAX_BYTES) {
      problem(shown + ": the files together are larger than " + MAX_BYTES + " bytes");
      return;
    }
    try {
      for (Value value : Document.readAll(content, given == null ? guess(content) : given)) {
        documents.add(new Declared(value, shown));
      }
    } catch (MalformedException e) {
      problem(shown + ": " + e.getMessage());
    }
  }

  private static Form guess(byte[] content) {
    for (byte one : content) {
      if (one == '{' || one == '[') {
        return Form.JSON;
      } else if (one > ' ' || one < 0) {
        return Form.YAML;
      }
    }
    return Form.YAML;
  }

  /** All documents in the order of their files. */
  public List<Declared> documents() {
    return List.copyOf(documents);
  }

  /** The resources of all documents, in their order. Those that are not valid are problems. */
  public List<Resource> resources() {
    return parse(Stored::readOfUsers, Resource::key);
  }

  /** The same for the documents of a store, which may also be internal to the gateway. */
  public List<Resource> state() {
    List<Resource> state = parse(Stored::read, Resource::key);
    for (References.Problem problem : References.problemsAmong(state)) {
      problem(
          "%s %s: %s"
              .formatted(problem.key().kind().words(), problem.key().shown(), problem.message()));
    }
    return state;
  }

  /** Which resources the documents are about; they may lack everything else. */
  public List<Key> keys() {
    return parse(Stored::readKey, key -> key);
  }

  private interface KeyOf<T> {
    Key of(T read);
  }

  private <T> List<T> parse(Reader<T> reader, KeyOf<T> keyOf) {
    List<T> read = new ArrayList<>();
    Map<Key, Declared> places = new HashMap<>();
    for (Declared document : documents) {
      try {
        T one = reader.read(document.value());
        Key key = keyOf.of(one);
        Declared before = places.putIfAbsent(key, document);
        if (before != null) {
          problem(
              "%s: the %s %s stands in %s, too"
                  .formatted(document.place(), key.kind().words(), key.shown(), before.place()));
        }
        read.add(one);
      } catch (InvalidException e) {
        e.problems().forEach(problem -> problem(document.place() + ": " + problem));
      }
    }
    return read;
  }

  private void problem(String text) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(text);
    } else {
      untold++;
    }
  }

  /** What is wrong so far, each with its file. */
  public List<String> problems() {
    List<String> told = new ArrayList<>(problems);
    if (untold > 0) {
      told.add("and " + untold + " more");
    }
    return told;
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
