package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.auth.Secret;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.folder.ResourceFiles;
import io.gatehouse.control.folder.ResourceFiles.Declared;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The command {@code state}: writes everything that a gateway stores to a file, writes it back, and
 * checks such a file.
 */
public final class StateCommand {

  /** The flags of the command. */
  public static final String FLAGS =
      """
      yes | file            | stringArray |       | the file
      yes | passphrase-file | string      |       | file with the passphrase that encrypts; else GATEHOUSE_STATE_PASSPHRASE
      yes | without-secrets | bool        | false | leaves out passwords of accounts, and does not encrypt
      yes | dry-run         | bool        | false | import: validates everything, and changes nothing
      """
          + Connection.FLAGS;

  /** Characters of one request; the gateway takes 1 MiB. */
  private static final int MAX_PART = 300_000;

  private final ProgramContext program;
  private final Arguments arguments;
  private final ResourceCommands commands;

  private StateCommand(ProgramContext program, Arguments arguments, ResourceCommands commands) {
    this.program = program;
    this.arguments = arguments;
    this.commands = commands;
  }

  public static int run(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program, arguments, commands -> new StateCommand(program, arguments, commands).run());
  }

  private int run() throws Failure {
    String action = arguments.rest().size() == 1 ? arguments.rest().getFirst() : "";
    List<String> given = arguments.all("file");
    if (given.size() != 1) {
      throw new Failure("state takes one file: -f FILE");
    }
    Path file = Path.of(given.getFirst());
    switch (action) {
      case "export" -> export(file);
      case "import" -> restore(file);
      case "check" -> program.out().println(file + ": " + counts(read(file)));
      default -> throw new Failure("state takes one of export, import, check");
    }
    return 0;
  }

  private void export(Path file) throws Failure {
    boolean without = arguments.isSet("without-secrets");
    Secret passphrase = without ? null : passphrase();
    if (!without && passphrase == null) {
      throw new Failure(
          "the state has secrets: give a passphrase with --passphrase-file or"
              + " GATEHOUSE_STATE_PASSPHRASE, or use --without-secrets");
    }
    List<Value> documents;
    try (AdminApi api = commands.connect()) {
      documents = api.get("state", Map.of()) instanceof Value.Items list ? list.items() : List.of();
    }
    String secret = Kind.ACCOUNT_PASSWORD.label();
    List<Value> kept =
        documents.stream()
            .filter(one -> !without || !Output.text(one, "kind").equals(secret))
            .toList();
    String yaml = Output.yaml(kept);
    write(file, passphrase == null ? yaml : Sealed.seal(yaml, passphrase));
    program.out().println(kept.size() + " resources were written to " + file);
  }

  /** Only the user can read the file. An existing one is not replaced. */
  private static void write(Path file, String text) throws Failure {
    try (WritableByteChannel out =
        Files.newByteChannel(
            file,
            EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      Channels.newOutputStream(out).write(text.getBytes(UTF_8));
    } catch (FileAlreadyExistsException e) {
      throw new Failure(file + " exists already; it is not replaced");
    } catch (IOException e) {
      throw new Failure(file + " cannot be written: " + e);
    }
  }

  private void restore(Path file) throws Failure {
    ResourceFiles files = read(file);
    Map<String, String> query = arguments.isSet("dry-run") ? Map.of("dryMode", "true") : Map.of();
    List<List<Value>> parts = parts(files);
    if (parts.size() > 1 && !query.isEmpty()) {
      throw new Failure(
          file + " is too large for a dry run; gatehouse state check reads it without a gateway");
    }
    int done = 0;
    try (AdminApi api = commands.connect()) {
      for (List<Value> part : parts) {
        api.require(api.post("state", query, Output.yaml(part)));
        done += part.size();
      }
    } catch (Failure failure) {
      if (done > 0) {
        program
            .err()
            .println(
                "%d of %d resources were imported; importing the file again is safe"
                    .formatted(done, files.documents().size()));
      }
      throw failure;
    }
    program
        .out()
        .println(file + ": " + counts(files) + (query.isEmpty() ? " imported" : " are valid"));
  }

  /**
   * A large state in parts that the gateway takes: what is revoked first, so that no token is valid
   * again in between, and then what others refer to before them.
   */
  static List<List<Value>> parts(ResourceFiles files) {
    List<Value> documents = files.documents().stream().map(Declared::value).toList();
    if (Output.yaml(documents).length() <= MAX_PART) {
      return List.of(documents);
    }
    List<Resource> resources = files.state();
    List<Integer> order =
        IntStream.range(0, documents.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> rank(resources.get(i).key().kind())))
            .toList();
    List<List<Value>> parts = new ArrayList<>();
    List<Value> part = new ArrayList<>();
    int length = 0;
    for (int i : order) {
      int more = Output.yaml(List.of(documents.get(i))).length();
      if (length + more > MAX_PART && !part.isEmpty()) {
        parts.add(part);
        part = new ArrayList<>();
        length = 0;
      }
      part.add(documents.get(i));
      length += more;
    }
    parts.add(part);
    return parts;
  }

  private static int rank(Kind kind) {
    return switch (kind) {
      case REVOKED_TOKEN, REVOKED_ACCOUNT, TOKENS -> -1;
      default -> kind.ordinal();
    };
  }

  /** The documents of a state, decrypted and all valid. */
  private ResourceFiles read(Path file) throws Failure {
    ResourceFiles files = new ResourceFiles();
    files.read(file);
    List<Declared> documents = files.documents();
    if (files.problems().isEmpty()
        && documents.size() == 1
        && Sealed.is(documents.getFirst().value())) {
      Secret passphrase = passphrase();
      if (passphrase == null) {
        throw new Failure(
            file
                + " is encrypted: give the passphrase with --passphrase-file or"
                + " GATEHOUSE_STATE_PASSPHRASE");
      }
      byte[] text = Sealed.open(documents.getFirst().value(), passphrase).getBytes(UTF_8);
      files = new ResourceFiles();
      files.read(new ByteArrayInputStream(text), file + " (decrypted)");
    }
    files.state();
    if (!files.problems().isEmpty()) {
      throw new Failure(files.problems());
    }
    return files;
  }

  /** How many resources of each kind there are. */
  private static String counts(ResourceFiles files) {
    Map<String, Long> counts =
        files.state().stream()
            .map(Resource::key)
            .collect(
                Collectors.groupingBy(
                    key -> key.kind().label(), TreeMap::new, Collectors.counting()));
    return counts.isEmpty()
        ? "no resources"
        : counts.entrySet().stream()
            .map(one -> one.getValue() + " " + one.getKey())
            .collect(Collectors.joining(", "));
  }

  private @Nullable Secret passphrase() throws Failure {
    String file = arguments.last("passphrase-file");
    if (file != null) {
      return Connection.secretOf("passphrase-file", Path.of(file));
    }
    String text = program.variable("GATEHOUSE_STATE_PASSPHRASE");
    return text == null ? null : new Secret(text);
  }
}
