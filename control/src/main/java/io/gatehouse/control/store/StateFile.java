package io.gatehouse.control.store;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.gatehouse.control.doc.Document;
import io.gatehouse.control.doc.MalformedException;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.doc.YamlText;
import io.gatehouse.control.kind.InvalidException;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Resource;
import io.gatehouse.control.kind.Stored;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file of resources with one YAML document each. It is always replaced as a whole. */
final class StateFile {

  private static final Logger log = LoggerFactory.getLogger(StateFile.class);

  private static final int MAX_BYTES = 64 << 20;

  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final String HEAD =
      """
      # The resources of a Gatehouse gateway, which writes this file anew at each change.
      """;

  /** Identifies a version of the file: each version is a new file under the same name. */
  record Stamp(@Nullable Object file, FileTime changed, long size) {
    private static final Stamp NONE = new Stamp(null, FileTime.fromMillis(0), -1);
  }

  /** The resources in one version of the file. */
  record Contents(Map<Key, Resource> resources, Stamp stamp) {}

  private final Path path;
  private final Path folder;

  /**
   * @throws StoreException when there is no folder for it
   */
  StateFile(Path given) throws StoreException {
    try {
      Path absolute = given.toAbsolutePath();
      if (Files.isSymbolicLink(absolute) && !Files.exists(absolute)) {
        throw new StoreException(given + " is a symbolic link to a file that does not exist");
      }
      this.path = Files.exists(absolute) ? absolute.toRealPath() : absolute;
    } catch (IOException e) {
      throw new StoreException(given + " cannot be read: " + reason(e), e);
    }
    this.folder = Objects.requireNonNullElse(path.getParent(), path);
    if (!Files.isDirectory(folder)) {
      throw new StoreException(given + " cannot be written: there is no folder " + folder);
    }
  }

  Path path() {
    return path;
  }

  /** The file that writers lock. It is a separate one because this one is replaced. */
  Path lock() {
    return beside(".lock");
  }

  private Path beside(String ending) {
    return folder.resolve("." + path.getFileName() + ending);
  }

  Stamp stamp() throws StoreException {
    try {
      BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
      return new Stamp(file.fileKey(), file.lastModifiedTime(), file.size());
    } catch (NoSuchFileException e) {
      return Stamp.NONE;
    } catch (IOException e) {
      throw new StoreException(path + " cannot be read: " + reason(e), e);
    }
  }

  /**
   * Reads the file. A missing file contains nothing.
   *
   * @throws StoreException when it cannot be read, or anything in it is wrong, with all lines
   */
  Contents read() throws StoreException {
    Stamp stamp = stamp();
    if (stamp.equals(Stamp.NONE)) {
      return new Contents(new LinkedHashMap<>(), stamp);
    }
    if (stamp.size > MAX_BYTES) {
      throw new StoreException(path + " is larger than " + MAX_BYTES + " bytes");
    }
    List<Value> documents;
    try {
      documents = Document.readAll(Files.readAllBytes(path));
    } catch (IOException e) {
      throw new StoreException(path + " cannot be read: " + reason(e), e);
    } catch (MalformedException e) {
      throw new StoreException(path + ", " + e.getMessage(), e);
    }
    return new Contents(resources(documents), stamp);
  }

  private Map<Key, Resource> resources(List<Value> documents) throws StoreException {
    Map<Key, Resource> resources = new LinkedHashMap<>();
    Map<Key, Integer> lines = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    for (Value document : documents) {
      try {
        Resource resource = Stored.read(document);
        Key key = resource.key();
        Integer before = lines.putIfAbsent(key, document.line());
        if (before == null) {
          resources.put(key, resource);
        } else {
          problems.add(
              at(
                  document.line(),
                  "the %s %s is there already, in line %d"
                      .formatted(key.kind().words(), key.shown(), before)));
        }
      } catch (InvalidException e) {
        e.problems().forEach(problem -> problems.add(at(document.line(), problem)));
      }
    }
    if (problems.isEmpty()) {
      References references = new References(Snapshot.EMPTY, new Snapshot(0, resources));
      resources.values().stream()
          .flatMap(resource -> references.problemsOf(resource).stream())
          .forEach(problem ->
              problems.add(
                  at(
                      Objects.requireNonNull(lines.get(problem.key())),
                      "%s %s: %s"
                          .formatted(
                              problem.key().kind().words(),
                              problem.key().shown(),
                              problem.message()))));
    }
    if (!problems.isEmpty()) {
      throw new StoreException(String.join("; ", problems));
    }
    return resources;
  }

  private String at(int line, String problem) {
    return path + ", document in line " + line + ": " + problem;
  }

  /**
   * Replaces the file. After a crash at any time, either the old or the new version is there.
   *
   * @throws StoreException when that fails; the file is unchanged then
   */
  Stamp write(Snapshot state) throws StoreException {
    String text = HEAD + YamlText.of(state.all().map(one -> one.document(true)).toList());
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    if (encoded.length > MAX_BYTES) {
      throw new StoreException(path + " would be larger than " + MAX_BYTES + " bytes");
    }
    Path next = beside(".new");
    try {
      Files.deleteIfExists(next);
      Files.createFile(next, OWNER_ONLY);
      try (FileChannel out = FileChannel.open(next, WRITE, TRUNCATE_EXISTING)) {
        ByteBuffer bytes = ByteBuffer.wrap(encoded);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(next, path, ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StoreException(path + " cannot be written: " + reason(e), e);
    }
    forceFolder();
    return stamp();
  }

  /** Makes the new name durable. The file is replaced already, so a failure is only logged. */
  private void forceFolder() {
    try (FileChannel names = FileChannel.open(folder, READ)) {
      names.force(true);
    } catch (IOException e) {
      log.warn("A change of {} may be lost if the machine crashes: {}", path, reason(e));
    }
  }

  /** Opens the file that writers lock. */
  FileChannel openLock() throws IOException {
    return FileChannel.open(lock(), Set.of(CREATE, WRITE), OWNER_ONLY);
  }

  static String reason(IOException e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
