package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.remote.AdminApi.Answer;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.folder.ResourceFiles;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.kind.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The command {@code edit}: opens a resource in the user's editor and applies what became of it,
 * unless someone else has changed it meanwhile.
 */
public final class EditCommand {

  /** The flags of the command. */
  public static final String FLAGS =
      ResourceCommands.SCOPE
          + """
          yes | force    | bool        | false | also changes resources of the gateway's folder
          """
          + ResourceCommands.WAIT
          + Connection.FLAGS;

  private final ProgramContext program;
  private final Arguments arguments;
  private final ResourceCommands commands;

  private EditCommand(ProgramContext program, Arguments arguments, ResourceCommands commands) {
    this.program = program;
    this.arguments = arguments;
    this.commands = commands;
  }

  public static int run(ProgramContext program, Arguments arguments) {
    return ResourceCommands.run(
        program, arguments, commands -> new EditCommand(program, arguments, commands).edit());
  }

  private int edit() throws Failure {
    if (arguments.rest().size() != 2) {
      throw new Failure("edit takes KIND NAME");
    }
    Kind kind = ResourceCommands.kind(arguments.rest().getFirst());
    String name = arguments.rest().get(1);
    try (AdminApi api = commands.connect()) {
      Version before = current(api, kind, name);
      Path file = write(before.yaml);
      open(file);
      String edited = read(file);
      if (edited.equals(before.yaml)) {
        Files.deleteIfExists(file);
        program.out().println("nothing was changed");
        return 0;
      }
      List<String> problems = problems(file, before);
      if (!problems.isEmpty()) {
        throw kept(problems, file);
      }
      Answer answer = apply(api, edited, before, file);
      Files.deleteIfExists(file);
      program.out().println(kind.label() + " " + name + ": applied");
      return commands.told(answer);
    } catch (IOException e) {
      throw new Failure("the file to edit cannot be used: " + e);
    }
  }

  /**
   * A resource as it was read.
   *
   * @param etag with which the gateway knows whether it has changed since
   */
  private record Version(String yaml, String etag) {}

  /** A dry run without a difference tells the version, also where a list has several resources. */
  private Version current(AdminApi api, Kind kind, String name) throws Failure {
    List<Value> found = commands.list(api, kind, name);
    if (found.isEmpty()) {
      throw commands.missing(kind, name);
    } else if (found.size() > 1) {
      throw new Failure(
          "there are %d resources with the name %s: say which with --vcluster, --group or --username"
              .formatted(found.size(), name));
    }
    String yaml = Output.yaml(found.getFirst());
    Value answer = api.require(api.post("apply", Map.of("dryMode", "true"), yaml));
    Value result =
        Output.at(answer, "results") instanceof Value.Items results && results.items().size() == 1
            ? results.items().getFirst()
            : null;
    if (!(Output.at(result, "before") instanceof Value.Fields before)) {
      throw commands.missing(kind, name);
    }
    return new Version(Output.yaml(before), Output.text(result, "etag"));
  }

  /** Only the user can read the file. */
  private static Path write(String text) throws IOException {
    Path file = Files.createTempFile("gatehouse-", ".yaml");
    Files.writeString(file, text);
    return file;
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file, UTF_8);
  }

  private void open(Path file) throws Failure, IOException {
    String editor = program.variable("VISUAL");
    if (editor == null) {
      editor = program.variable("EDITOR");
    }
    if (editor == null) {
      editor = "vi";
    }
    // The variable may have arguments, which the shell splits.
    ProcessBuilder shell =
        new ProcessBuilder("/bin/sh", "-c", editor + " \"$1\"", "edit", file.toString());
    try {
      int code = shell.inheritIO().start().waitFor();
      if (code != 0) {
        throw new Failure(
            "the editor '%s' ended with %d; nothing was applied, your text is in %s"
                .formatted(editor, code, file));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted");
    }
  }

  private static List<String> problems(Path file, Version before) {
    ResourceFiles files = new ResourceFiles();
    files.read(file);
    List<Resource> resources = files.resources();
    if (!files.problems().isEmpty()) {
      return files.problems();
    }
    if (resources.size() != 1) {
      return List.of(file + ": there must be one resource");
    }
    ResourceFiles unedited = new ResourceFiles();
    unedited.read(new ByteArrayInputStream(before.yaml.getBytes(UTF_8)), "the gateway's answer");
    Key key = resources.getFirst().key();
    boolean same = unedited.resources().stream().anyMatch(one -> one.key().equals(key));
    return same
        ? List.of()
        : List.of(
            file
                + ": this would be another resource, %s %s; make it with apply"
                    .formatted(key.kind().label(), key.shown()));
  }

  private Answer apply(AdminApi api, String yaml, Version before, Path file) throws Failure {
    Map<String, String> query = new LinkedHashMap<>();
    for (String flag : List.of("force", "wait")) {
      if (arguments.isSet(flag)) {
        query.put(flag, "true");
      }
    }
    Answer answer;
    try {
      answer = api.post("apply", query, yaml, before.etag);
    } catch (Failure failure) {
      throw kept(failure.lines(), file, "your text is in ");
    }
    if (!answer.isOk()) {
      throw kept(List.of(AdminApi.said(answer)), file);
    }
    return answer;
  }

  private static Failure kept(List<String> problems, Path file) {
    return kept(problems, file, "nothing was applied; your text is in ");
  }

  private static Failure kept(List<String> problems, Path file, String where) {
    List<String> lines = new ArrayList<>(problems);
    lines.add(where + file);
    return new Failure(lines);
  }
}
