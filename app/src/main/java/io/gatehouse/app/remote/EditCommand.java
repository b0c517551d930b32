package io.gatehouse.app.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.remote.AdminApi.Answer;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.folder.ResourceFiles;
import io.gatehouse.control.kind.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
      String before = current(api, kind, name);
      Path file = write(before);
      open(file);
      String edited = read(file);
      if (edited.equals(before)) {
        Files.deleteIfExists(file);
        program.out().println("nothing was changed");
        return 0;
      }
      List<String> problems = problems(file);
      if (problems.isEmpty() && !current(api, kind, name).equals(before)) {
        problems = List.of("the resource was changed by someone else meanwhile");
      }
      if (problems.isEmpty()) {
        problems = apply(api, edited);
      }
      if (!problems.isEmpty()) {
        List<String> lines = new ArrayList<>(problems);
        lines.add("nothing was applied; your text is in " + file);
        throw new Failure(lines);
      }
      Files.deleteIfExists(file);
      program.out().println(kind.label() + " " + name + ": applied");
      return 0;
    } catch (IOException e) {
      throw new Failure("the file to edit cannot be used: " + e);
    }
  }

  private String current(AdminApi api, Kind kind, String name) throws Failure {
    List<Value> found = commands.list(api, kind, name);
    if (found.isEmpty()) {
      throw commands.missing(kind, name);
    } else if (found.size() > 1) {
      throw new Failure(
          "there are %d resources with the name %s: say which with --vcluster, --group or --username"
              .formatted(found.size(), name));
    }
    return Output.yaml(found.getFirst());
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

  private static List<String> problems(Path file) {
    ResourceFiles files = new ResourceFiles();
    files.read(file);
    if (files.resources().size() != 1 && files.problems().isEmpty()) {
      return List.of(file + ": there must be one resource");
    }
    return files.problems();
  }

  private List<String> apply(AdminApi api, String yaml) throws Failure {
    Map<String, String> query = arguments.isSet("force") ? Map.of("force", "true") : Map.of();
    Answer answer = api.post("apply", query, yaml);
    return answer.isOk() ? List.of() : List.of(AdminApi.said(answer));
  }
}
