package io.gatehouse.app.remote;

import io.gatehouse.app.cli.Arguments;
import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.app.remote.AdminApi.Answer;
import io.gatehouse.auth.Nearest;
import io.gatehouse.control.doc.Value;
import io.gatehouse.control.folder.ResourceFiles;
import io.gatehouse.control.folder.ResourceFiles.Declared;
import io.gatehouse.control.kind.Key;
import io.gatehouse.control.kind.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The commands that apply, compare, delete and show resources. */
public final class ResourceCommands {

  /** The exit code if resources differ. */
  static final int DIFFERS = 1;

  /** The exit code if a command fails. */
  static final int FAILED = 2;

  /** The exit code if a change was made, but nodes have not applied it in time. */
  static final int LATE = 3;

  private static final String FILE =
      """
      yes | file     | stringArray |       | file or folder of resources, or - for standard input; may be repeated
      """;
  private static final String LABEL =
      """
      yes | label    | string      |       | marks the resources with this label
      yes | prune    | bool        | false | deletes the resources with the label that are not in the files
      """;
  private static final String CHANGE =
      """
      yes | dry-run  | bool        | false | validates everything, at the gateway too, and changes nothing
      """;
  private static final String FORCE =
      """
      yes | force    | bool        | false | also changes resources of the gateway's folder and of other labels
      """;
  static final String WAIT =
      """
      yes | wait     | bool        | false | waits until all live nodes have applied the change, at most 10 s
      """;
  private static final String OUTPUT =
      """
      yes | output   | string      | table | table, yaml or json
      """;
  static final String SCOPE =
      """
      yes | vcluster | string      |       | only resources of this virtual cluster
      yes | group    | string      |       | only interceptors for this group
      yes | username | string      |       | only interceptors for this username
      """;

  /** The flags of the commands. */
  public static final String APPLY =
      FILE + LABEL + CHANGE + FORCE + WAIT + OUTPUT + Connection.FLAGS;

  public static final String DIFF = FILE + LABEL + FORCE + Connection.FLAGS;
  public static final String DELETE =
      FILE + SCOPE + CHANGE + FORCE + WAIT + OUTPUT + Connection.FLAGS;
  public static final String GET = SCOPE + OUTPUT + Connection.FLAGS;

  private static final String ALL = "all";

  private final ProgramContext program;
  private final Arguments arguments;

  ResourceCommands(ProgramContext program, Arguments arguments) {
    this.program = program;
    this.arguments = arguments;
  }

  /** One of the commands. */
  interface Action {
    int run(ResourceCommands commands) throws Failure;
  }

  public static int apply(ProgramContext program, Arguments arguments) {
    return run(program, arguments, commands -> commands.change("apply", commands.declared()));
  }

  public static int diff(ProgramContext program, Arguments arguments) {
    return run(program, arguments, ResourceCommands::differences);
  }

  public static int delete(ProgramContext program, Arguments arguments) {
    return run(program, arguments, commands -> commands.change("delete", commands.deleted()));
  }

  public static int get(ProgramContext program, Arguments arguments) {
    return run(program, arguments, ResourceCommands::show);
  }

  static int run(ProgramContext program, Arguments arguments, Action action) {
    try {
      return action.run(new ResourceCommands(program, arguments));
    } catch (Failure failure) {
      failure.lines().forEach(line -> program.err().println("Error: " + line));
      return FAILED;
    }
  }

  AdminApi connect() throws Failure {
    return new AdminApi(Connection.of(arguments, program));
  }

  // ---- apply, delete, diff ------------------------------------------------------------------

  /** The documents of the files, all valid as far as can be seen here. */
  private List<Declared> declared() throws Failure {
    ResourceFiles files = files();
    files.resources();
    return valid(files);
  }

  private List<Declared> deleted() throws Failure {
    if (arguments.rest().isEmpty()) {
      ResourceFiles files = files();
      files.keys();
      return valid(files);
    }
    if (arguments.rest().size() != 2 || arguments.has("file")) {
      throw new Failure("delete takes either -f FILE or KIND NAME");
    }
    Kind kind = kind(arguments.rest().getFirst());
    Map<String, Value> scope = new LinkedHashMap<>();
    putText(scope, "vCluster", arguments.last("vcluster"));
    putText(scope, "group", arguments.last("group"));
    putText(scope, "username", arguments.last("username"));
    Map<String, Value> metadata = new LinkedHashMap<>();
    putText(metadata, "name", arguments.rest().get(1));
    if (kind != Kind.INTERCEPTOR) {
      metadata.putAll(scope);
    } else if (!scope.isEmpty()) {
      metadata.put("scope", new Value.Fields(new LinkedHashMap<>(scope), 1));
    }
    Map<String, Value> document = new LinkedHashMap<>();
    putText(document, "kind", kind.label());
    putText(document, "apiVersion", Kind.API_VERSION);
    document.put("metadata", new Value.Fields(new LinkedHashMap<>(metadata), 1));
    return List.of(
        new Declared(new Value.Fields(new LinkedHashMap<>(document), 1), "the command line"));
  }

  private static void putText(Map<String, Value> fields, String name, @Nullable String text) {
    if (text != null) {
      fields.put(name, new Value.Text(text, 1));
    }
  }

  private ResourceFiles files() throws Failure {
    List<String> given = arguments.all("file");
    if (given.isEmpty()) {
      throw new Failure("no file is given: -f FILE, -f FOLDER, or -f - for standard input");
    }
    ResourceFiles files = new ResourceFiles();
    for (String one : given) {
      if (one.contains("://")) {
        throw new Failure(
            one
                + ": URLs are not read, because what they lead to may change between a look at it"
                + " and its use: download the file, and give its path");
      } else if (one.equals("-")) {
        files.read(program.in(), "standard input");
      } else {
        files.read(Path.of(one));
      }
    }
    return files;
  }

  private static List<Declared> valid(ResourceFiles files) throws Failure {
    if (!files.problems().isEmpty()) {
      throw new Failure(files.problems());
    }
    if (files.documents().isEmpty()) {
      throw new Failure("the files hold no resources");
    }
    return files.documents();
  }

  private Map<String, String> query() throws Failure {
    Map<String, String> query = new LinkedHashMap<>();
    String label = arguments.last("label");
    if (label != null) {
      query.put("label", label);
    }
    if (arguments.isSet("prune")) {
      if (label == null) {
        throw new Failure("--prune deletes resources with a label only: give it with --label");
      }
      query.put("prune", "true");
    }
    if (arguments.isSet("force")) {
      query.put("force", "true");
    }
    if (arguments.isSet("dry-run")) {
      query.put("dryMode", "true");
    }
    if (arguments.isSet("wait")) {
      query.put("wait", "true");
    }
    return query;
  }

  private int change(String call, List<Declared> documents) throws Failure {
    Output output = Output.of(arguments.last("output"), Output.TABLE);
    Answer answer = send(call, query(), documents);
    List<Value> results = results(answer);
    if (output != Output.TABLE) {
      output.print(results, program.out());
    } else {
      String tense = arguments.isSet("dry-run") ? " (dry run)" : "";
      for (Value result : results) {
        program.out().println(name(result) + ": " + effect(result) + tense);
      }
    }
    return told(answer);
  }

  /** Tells which nodes are late, and returns the exit code. */
  int told(Answer answer) {
    String late = answer.late();
    if (late == null) {
      return 0;
    }
    program
        .err()
        .println(
            "Warning: it is stored, but these nodes have not applied it yet: "
                + AdminApi.shown(late));
    return LATE;
  }

  private int differences() throws Failure {
    Map<String, String> query = query();
    query.put("dryMode", "true");
    boolean differs = false;
    for (Value result : results(send("apply", query, declared()))) {
      if (effect(result).equals("NotChanged")) {
        continue;
      }
      differs = true;
      program.out().println("# " + name(result) + ": " + effect(result));
      Difference.of(yaml(result, "before"), yaml(result, "resource"))
          .forEach(program.out()::println);
    }
    return differs ? DIFFERS : 0;
  }

  private static String yaml(Value result, String field) {
    return Output.at(result, field) instanceof Value.Fields resource ? Output.yaml(resource) : "";
  }

  /** Sends the documents as one change. */
  private Answer send(String call, Map<String, String> query, List<Declared> documents)
      throws Failure {
    String yaml = Output.yaml(documents.stream().map(Declared::value).toList());
    try (AdminApi api = connect()) {
      Answer answer = api.post(call, query, yaml);
      if (!answer.isOk() && Output.at(answer.body(), "problems") instanceof Value.Items problems) {
        throw new Failure(
            problems.items().stream().map(problem -> placed(problem, documents)).toList());
      }
      api.require(answer);
      return answer;
    }
  }

  /** What became of each resource. */
  private static List<Value> results(Answer answer) {
    return Output.at(answer.body(), "results") instanceof Value.Items results
        ? results.items()
        : List.of();
  }

  /** A problem with the file and line of its document. */
  private static String placed(Value problem, List<Declared> documents) {
    String text = AdminApi.shown(Output.text(problem, "text"));
    if (Output.at(problem, "document") instanceof Value.Numeral number
        && number.digits().length() < 9) {
      int index = Integer.parseInt(number.digits()) - 1;
      if (index >= 0 && index < documents.size()) {
        return documents.get(index).place() + ": " + text;
      }
    }
    return text;
  }

  private static String effect(Value result) {
    return AdminApi.shown(Output.text(result, "upsertResult"));
  }

  private static String name(Value result) {
    String cluster = Output.text(result, "vCluster");
    Value scope = Output.at(result, "scope");
    return AdminApi.shown(
        Output.text(result, "kind")
            + " "
            + (cluster.isEmpty() ? "" : cluster + "/")
            + Output.text(result, "name")
            + (scope == null ? "" : " (" + Output.cell(scope) + ")"));
  }

  // ---- get ----------------------------------------------------------------------------------

  private int show() throws Failure {
    List<String> names = arguments.rest();
    if (names.isEmpty() || names.size() > 2) {
      throw new Failure("get takes KIND, KIND NAME, or all; kinds are: " + kinds());
    }
    Output output = Output.of(arguments.last("output"), Output.TABLE);
    List<Kind> kinds =
        names.getFirst().equalsIgnoreCase(ALL) ? Kind.ofUsers() : List.of(kind(names.getFirst()));
    String name = names.size() == 2 ? names.get(1) : null;
    try (AdminApi api = connect()) {
      List<Value> found = new ArrayList<>();
      for (Kind kind : kinds) {
        found.addAll(list(api, kind, name));
      }
      if (found.isEmpty() && name != null) {
        throw missing(kinds.getFirst(), name);
      }
      output.print(found, program.out());
      return 0;
    }
  }

  Failure missing(Kind kind, String name) {
    boolean scoped = Stream.of("vcluster", "group", "username").anyMatch(arguments::has);
    return new Failure(
        "there is no %s %s%s".formatted(kind.words(), name, scoped ? " in this scope" : ""));
  }

  /** The resources of a kind with this name, or all, as far as they are in the given scope. */
  List<Value> list(AdminApi api, Kind kind, @Nullable String name) throws Failure {
    return api.get(kind.segment(), Map.of()) instanceof Value.Items list
        ? list.items().stream()
            .filter(one -> name == null || name.equals(Output.text(one, "metadata", "name")))
            .filter(this::isInScope)
            .toList()
        : List.of();
  }

  private boolean isInScope(Value resource) {
    Value metadata = Output.at(resource, "metadata");
    Value scope = Output.at(metadata, "scope");
    Value within = scope == null ? metadata : scope;
    // A list leaves out the virtual cluster of those that have none of their own.
    String cluster =
        Output.at(within, "vCluster") == null ? Key.PASSTHROUGH : Output.text(within, "vCluster");
    return isAsked("vcluster", cluster)
        && isAsked("group", Output.text(scope, "group"))
        && isAsked("username", Output.text(scope, "username"));
  }

  private boolean isAsked(String flag, String value) {
    String asked = arguments.last(flag);
    return asked == null || asked.equals(value);
  }

  /** A kind by its name in documents or in paths, in any case, also in the plural. */
  static Kind kind(String given) throws Failure {
    String singular = given.toLowerCase(Locale.ROOT).replaceFirst("s$", "");
    for (Kind kind : Kind.ofUsers()) {
      if (singular.equals(kind.segment())
          || singular.equals(kind.label().toLowerCase(Locale.ROOT))) {
        return kind;
      }
    }
    List<String> known = Kind.ofUsers().stream().map(Kind::segment).toList();
    String nearest = Nearest.to(singular, known);
    throw new Failure(
        "there is no kind '%s'%s; kinds are: %s"
            .formatted(given, nearest == null ? "" : ", did you mean " + nearest + "?", kinds()));
  }

  static String kinds() {
    return String.join(", ", Kind.ofUsers().stream().map(Kind::segment).toList());
  }
}
