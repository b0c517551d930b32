package io.gatehouse.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.ProgramContext;
import io.gatehouse.testkit.Ports;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page docs/declarative.md, with its files and commands as they stand there, on a gateway whose
 * cluster does not exist.
 */
@Timeout(120)
class DeclarativeTest {

  private static final String PASSWORD = "an admin's";

  /** The commands of the page, with their exit code and a part of their output. */
  static final Map<String, Map.Entry<Integer, String>> COMMANDS = new LinkedHashMap<>();

  static {
    command("gatehouse diff -f resources", 1, "+  name: orders");
    command("gatehouse apply -f resources", 0, "GatewayGroup shop: Created");
    command("gatehouse apply -f resources --wait", 0, "GatewayGroup shop: NotChanged");
    command("gatehouse apply -f resources --label shop", 0, "GatewayGroup shop: NotChanged");
    command("gatehouse explain group", 0, "    members (list of objects): Accounts in the group\n");
    command("gatehouse explain virtual-cluster.spec.acls", 0, "  host (string): ");
    command(
        "gatehouse diff -f resources --label shop --prune",
        1,
        "# GatewayServiceAccount passthrough/billing: Deleted");
    command(
        "gatehouse apply -f resources --label shop --prune",
        0,
        "GatewayServiceAccount passthrough/billing: Deleted");
    command("gatehouse get all", 0, "GatewayGroup");
    command("gatehouse get service-account", 0, "NAME     TYPE\norders   LOCAL");
    command("gatehouse get group shop -o yaml", 0, "kind: GatewayGroup");
    command("gatehouse get all -o yaml", 0, "---\nkind: GatewayServiceAccount");
    command("gatehouse edit group shop", 0, "GatewayGroup shop: applied");
    command("gatehouse delete group shop", 0, "GatewayGroup shop: Deleted");
    command(
        "gatehouse delete service-account orders --vcluster passthrough",
        0,
        "GatewayServiceAccount passthrough/orders: Deleted");
    command("gatehouse delete -f resources", 0, "GatewayGroup shop: Deleted");
    command("gatehouse apply -f resources --label shop --force", 0, "GatewayGroup shop: Created");
    command("gatehouse state export -f state.yaml", 0, " resources were written to ");
    command("gatehouse state check -f state.yaml", 0, "1 GatewayGroup, 1 GatewayServiceAccount, ");
    command("gatehouse state import -f state.yaml --dry-run", 0, " are valid");
    command("gatehouse state import -f state.yaml", 0, " imported");
    command("gatehouse state export -f plain.yaml --without-secrets", 0, " resources were written");
  }

  private static void command(String command, int code, String output) {
    COMMANDS.put(command, Map.entry(code, output));
  }

  @TempDir static Path folder;

  private static ProgramProcess gateway;
  private static Ports ports;
  private static Map<String, String> environment;

  @BeforeAll
  static void start() throws Exception {
    ports = Ports.contiguous(4);
    gateway = startGateway(0, Map.of());
    environment =
        Map.of(
            "GATEHOUSE_API_URL",
            gateway.await("Health and metrics at (http://\\S+)"),
            "GATEHOUSE_API_PASSWORD",
            PASSWORD,
            "GATEHOUSE_STATE_PASSPHRASE",
            "a passphrase");
  }

  private static ProgramProcess startGateway(int port, Map<String, String> variables)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("gatehouse-" + port + ".yaml"),
            """
            upstream: {bootstrapServers: "127.0.0.1:1"}
            listeners:
              - advertisedHost: 127.0.0.1
                host: 127.0.0.1
                ports: {brokers: %d}
                authentication:
                  mechanisms:
                    - name: PLAIN
                      serviceAccountKey: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
            admin:
              users:
                - {name: admin, password: "%s", admin: true}
                - {name: reader, password: "a reader's"}
            """
                .formatted(ports.get(port), PASSWORD));
    Map<String, String> all = new HashMap<>(variables);
    all.put("GATEHOUSE_HTTP_PORT", "0");
    return ProgramProcess.start(all, "run", "--config", file.toString());
  }

  @AfterAll
  static void stop() {
    if (gateway != null) {
      gateway.close();
    }
    ports.close();
  }

  private record Ran(int code, String out, String err) {}

  private static Ran run(Map<String, String> variables, InputStream in, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.execute(
            new ProgramContext(
                in,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                variables),
            arguments);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Ran run(String... arguments) {
    return run(environment, InputStream.nullInputStream(), arguments);
  }

  private static Ran with(String variable, String value, String... arguments) {
    Map<String, String> variables = new HashMap<>(environment);
    variables.put(variable, value);
    return run(variables, InputStream.nullInputStream(), arguments);
  }

  private static Ran fed(String input, String... arguments) {
    return run(
        environment, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), arguments);
  }

  private static void fails(Ran ran, String... parts) {
    assertThat(ran.code).as(ran.out + ran.err).isEqualTo(2);
    assertThat(ran.err).contains("Error: ").contains(parts);
    assertThat(ran.out).isEmpty();
  }

  private static String account(String name) {
    return """
    kind: GatewayServiceAccount
    apiVersion: gateway/v2
    metadata: {name: %s}
    spec: {type: LOCAL}
    ---
    """
        .formatted(name);
  }

  private static Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** The page's file. */
  private static String shop() throws IOException {
    return Arrays.stream(Files.readString(Path.of("../docs/declarative.md")).split("\n", -1))
        .dropWhile(line -> !line.equals("    # resources/shop.yaml"))
        .takeWhile(line -> line.startsWith("    "))
        .map(line -> line.substring(4) + "\n")
        .reduce("", String::concat);
  }

  @BeforeEach
  void deleteEverything() {
    Ran all = run("get", "all", "-o", "yaml");
    assertThat(all.code).as(all.err).isZero();
    if (!all.out.isEmpty()) {
      assertThat(fed(all.out, "delete", "-f", "-").code).isZero();
    }
  }

  @Test
  void thePageDoesWhatItSays() throws Exception {
    Path file = write("resources/shop.yaml", shop());
    for (Map.Entry<String, Map.Entry<Integer, String>> command : COMMANDS.entrySet()) {
      String text = command.getKey();
      if (text.equals("gatehouse diff -f resources --label shop --prune")) {
        Files.writeString(file, shopWithoutBilling());
      } else if (text.equals("gatehouse delete -f resources")) {
        assertThat(run("apply", "-f", file.toString()).code).isZero();
      }
      String[] words =
          text.replaceFirst("gatehouse ", "")
              .replace("-f resources", "-f " + file.getParent())
              .replaceFirst("-f (state|plain).yaml", "-f " + folder + "/$1.yaml")
              .split(" ", -1);

      Ran ran = with("EDITOR", "sed -i s/SHOP_WRITERS/WRITERS/", words);

      assertThat(ran.code)
          .as(text + "\n" + ran.out + ran.err)
          .isEqualTo(command.getValue().getKey());
      assertThat(ran.out).as(text).contains(command.getValue().getValue());
    }
  }

  private static String shopWithoutBilling() throws IOException {
    return Arrays.stream(shop().split("---\n", -1))
        .filter(document -> !document.contains("  name: billing"))
        .collect(Collectors.joining("---\n"))
        .replace("    - name: billing\n", "");
  }

  @Test
  void withoutAFailoverClusterThereIsNothingToSwitch() {
    assertThat(run("clusters").out).startsWith("No cluster has a failover cluster");
  }

  @Test
  void whatClientsMayDoIsExplained() throws Exception {
    assertThat(run("acl", "list").out).startsWith("ACLs are not enabled here");
    String cluster =
        """
        kind: VirtualCluster
        apiVersion: gateway/v2
        metadata: {name: limited}
        spec:
          aclEnabled: true
          aclMode: REST_API
          acls:
            - resourcePattern: {resourceType: TOPIC, name: orders, patternType: LITERAL}
              principal: User:alice
              host: 10.0.0.1
              operation: READ
              permissionType: ALLOW
        """;
    write("limited/cluster.yaml", cluster);
    String file = folder.resolve("limited").toString();
    assertThat(run("apply", "-f", file).code).isZero();
    try {
      String rule = "ALLOW User:alice READ on TOPIC LITERAL orders from 10.0.0.1\n";
      assertThat(run("acl", "list", "--vcluster", "limited").out).isEqualTo(rule);
      String[] asked = {
        "acl",
        "explain",
        "--vcluster",
        "limited",
        "--principal",
        "User:alice",
        "--operation",
        "read",
        "--resource",
        "topic:orders",
        "--host",
        "10.0.0.1"
      };
      Ran allowed = run(asked);
      assertThat(allowed.out).isEqualTo("allowed: rule " + rule);
      assertThat(allowed.code).isZero();
      asked[9] = "transactional-id:orders";
      Ran denied = run(asked);
      assertThat(denied.out).isEqualTo("denied: no rules about the resource\n");
      assertThat(denied.code).isEqualTo(1);
      asked[9] = "cluster";
      assertThat(run(asked).out).startsWith("denied: ");
      asked[9] = "tropic:orders";
      assertThat(run(asked).err).contains("query parameter resourceType, valid are: TOPIC");
    } finally {
      assertThat(run("delete", "-f", file).code).isZero();
    }
    for (String wrong : new String[] {"list of", "explain --principal alice", "", "show"}) {
      Ran refused = run(("acl " + wrong).strip().split(" ", -1));
      assertThat(refused.code).as(wrong).isEqualTo(2);
      assertThat(refused.err).contains("acl takes list, or explain with --principal");
    }
  }

  @Test
  void everyProblemIsToldWithItsPlaceAndNothingIsSent() throws Exception {
    String folder = DeclarativeTest.folder.resolve("broken").toString();
    write("broken/a.yaml", account("one") + account("no").replace("LOCAL", "LOKAL"));
    write("broken/b.json", "[{\"kind\": \"GatewayGrup\"}]");
    write("broken/sub/c.yml", account("one") + "a: b: c\n");
    write("broken/sub/d.yaml", account("one"));
    write("broken/.hidden.yaml", "no");
    write("broken/readme.txt", "no");
    Ran ran = run("apply", "-f", folder);
    fails(
        ran,
        folder + "/sub/c.yml: line 6: ",
        folder + "/a.yaml:6: metadata.name: 'no' does not match",
        folder + "/a.yaml:6: spec.type: 'LOKAL' is not one of LOCAL, EXTERNAL",
        folder
            + "/b.json:1: kind: there is no kind 'GatewayGrup' that can be applied, did you mean",
        folder
            + "/sub/d.yaml:1: the service account passthrough/one stands in "
            + folder
            + "/a.yaml:1, too");
    assertThat(ran.err.lines()).hasSize(5);
    assertThat(run("get", "all").out).isEmpty();
  }

  @Test
  void theGatewaysProblemsHaveTheirPlacesToo() throws Exception {
    Path file =
        write(
            "refused.yaml",
            account("one")
                + "\nkind: GatewayGroup\napiVersion: gateway/v2\nmetadata: {name: g}\n"
                + "spec: {members: [{name: nobody}]}\n");
    fails(
        run("apply", "-f", file.toString()),
        file + ":7: There is no service account passthrough/nobody.");
    assertThat(run("get", "all").out).isEmpty();
  }

  @Test
  void saysWhatIsWrongWithTheArguments() {
    fails(run("apply"), "no file is given");
    fails(run("apply", "-f", "https://example.com/x.yaml"), "URLs are not read");
    fails(run("apply", "-f", "missing.yaml"), "missing.yaml: there is no such file");
    fails(run("apply", "x", "-f", "-"), "unexpected 'x'");
    fails(run("diff", "-f", "-"), "the files hold no resources");
    fails(fed(account("one"), "apply", "-f", "-", "--prune"), "give it with --label");
    fails(fed(account("one"), "apply", "-f", "-", "--label", "a/b"), "label: 'a/b' is not a label");
    fails(fed(account("one"), "apply", "-f", "-", "-o", "xml"), "must be table, yaml or json");
    fails(run("get"), "kinds are: ");
    fails(run("get", "serviceacount"), "did you mean service-account?");
    fails(run("get", "group", "none"), "there is no group none");
    fails(run("delete", "group"), "either -f FILE or KIND NAME");
    fails(run("delete", "group", "none"), "There is no group none.");
    fails(run("edit", "group"), "edit takes KIND NAME");
    fails(run("get", "all", "--timeout", "0s"), "must be a time");
    fails(run("get", "all", "--password-file", "missing"), "cannot be read");
    fails(run("get", "all", "--cert", "c.pem"), "needs both --cert and --key");
    fails(run("get", "all", "--cacert", "missing.pem"), "missing.pem");
  }

  @Test
  void saysWhyTheGatewayCannotBeAsked() {
    String url = String.valueOf(environment.get("GATEHOUSE_API_URL"));
    fails(
        with("GATEHOUSE_API_PASSWORD", "wrong", "get", "all"),
        "does not accept the user admin with this password");
    fails(with("GATEHOUSE_API_PASSWORD", "", "get", "all"), "the gateway wants a user");
    fails(run("get", "all", "--url", "http://127.0.0.1:1"), "nothing listens at");
    fails(
        run("get", "all", "--url", url.replace("http:", "https:")),
        "its HTTP server may have no TLS");
    fails(run("get", "all", "--url", url + "/nowhere"), "has no such call of the admin API");
    fails(run("get", "all", "--url", "http://gateway.invalid:1"), "is the address right");
    fails(run("get", "all", "--url", "ftp://x"), "must be a URL such as");
    fails(run("get", "all", "--url", "http://u:p@127.0.0.1"), "must be a URL such as");
    fails(run("get", "all", "--user", "a:b"), "has a colon");
    Map<String, String> reader =
        Map.of(
            "CDK_GATEWAY_BASE_URL",
            url,
            "CDK_GATEWAY_USER",
            "reader",
            "CDK_GATEWAY_PASSWORD",
            "a reader's");
    assertThat(run(reader, InputStream.nullInputStream(), "get", "all").code).isZero();
    assertThat(run("get", "all", "--url", "http://gateway.invalid:1").err)
        .contains("Warning: the password is sent to gateway.invalid without encryption");
    fails(
        run(
            reader,
            new ByteArrayInputStream(account("one").getBytes(StandardCharsets.UTF_8)),
            "apply",
            "-f",
            "-"),
        "The user reader may only read.");
    Ran difference =
        run(
            reader,
            new ByteArrayInputStream(account("unseen").getBytes(StandardCharsets.UTF_8)),
            "diff",
            "-f",
            "-");
    assertThat(difference.code).as(difference.err).isEqualTo(1);
    assertThat(difference.out).contains("+  name: unseen");
  }

  @Test
  void anEditIsKeptIfItCannotBeApplied() throws Exception {
    assertThat(fed(account("one"), "apply", "-f", "-").code).isZero();
    assertThat(with("EDITOR", "true", "edit", "service-account", "one").out)
        .isEqualTo("nothing was changed\n");
    Ran invalid = with("EDITOR", "sed -i s/LOCAL/LOKAL/", "edit", "service-account", "one");
    fails(invalid, "spec.type: 'LOKAL'", "your text is in ");
    Path kept = Path.of(invalid.err.strip().replaceFirst("(?s).*your text is in ", ""));
    assertThat(Files.readString(kept)).contains("LOKAL");
    Files.delete(kept);
    fails(with("EDITOR", "false", "edit", "service-account", "one"), "ended with 1");
    Ran renamed = with("EDITOR", "sed -i s/one/two/", "edit", "service-account", "one");
    fails(renamed, "this would be another resource", "nothing was applied; your text is in ");
    deleteKept(renamed);
  }

  private static String deleteKept(Ran ran) throws IOException {
    Path kept = Path.of(ran.err.strip().replaceFirst("(?s).*your text is in ", ""));
    String text = Files.readString(kept);
    Files.delete(kept);
    return text;
  }

  /** Two people edit a group at the same time: the second one is told, and keeps the text. */
  @Test
  void anEditOfAnOldVersionIsRefused() throws Exception {
    String group = "kind: GatewayGroup\napiVersion: gateway/v2\nmetadata: {name: raced}\n";
    Path file = write("raced/group.yaml", group + "spec: {externalGroups: [A]}\n");
    assertThat(run("apply", "-f", file.toString()).code).isZero();
    Path other = write("raced/other.yaml", group + "spec: {externalGroups: [B]}\n");
    Path editor =
        write(
            "raced/editor.sh",
            """
            #!/bin/sh
            curl -sfo /dev/null -X POST "$URL/gateway/v2/apply" --user "admin:$PASSWORD" \\
              -H 'Content-Type: application/yaml' --data-binary "@$OTHER" && sed -i s/A/C/ "$1"
            """);
    // The editor gets the variables of this process only.
    Files.writeString(
        editor,
        Files.readString(editor)
            .replace("$URL", String.valueOf(environment.get("GATEHOUSE_API_URL")))
            .replace("$PASSWORD", PASSWORD)
            .replace("$OTHER", other.toString()));

    Ran lost = with("EDITOR", "sh " + editor, "edit", "group", "raced");

    fails(lost, "The group raced has changed since it was read", "nothing was applied");
    assertThat(deleteKept(lost)).contains("- C");
    assertThat(run("get", "group", "raced", "-o", "yaml").out).contains("- B");
    Ran won = with("EDITOR", "sed -i s/B/D/", "edit", "group", "raced", "--wait");
    assertThat(won.code).as(won.err).isZero();
    assertThat(run("get", "group", "raced", "-o", "yaml").out).contains("- D");
    assertThat(run("delete", "group", "raced", "--wait").code).isZero();
  }

  @Test
  void theGatewayAppliesAFolderItself() throws Exception {
    Path file = write("applied/shop.yaml", shop());
    Map<String, String> variables =
        Map.of("GATEHOUSE_ADMIN_FOLDER", String.valueOf(file.getParent()));
    try (ProgramProcess own = startGateway(2, variables)) {
      assertThat(own.await("(The folder .* was applied: .*)")).contains("created 3");
      String url = own.await("Health and metrics at (http://\\S+)");
      assertThat(with("GATEHOUSE_API_URL", url, "get", "group", "shop").code).isZero();
      fails(
          with("GATEHOUSE_API_URL", url, "delete", "group", "shop"),
          "The group shop is declared by shop.yaml in the gateway's folder");
      assertThat(with("GATEHOUSE_API_URL", url, "delete", "group", "shop", "--force").code)
          .isZero();
      assertThat(asked(url + "/metrics"))
          .contains("gatehouse_folder_up_to_date 1.0", "gatehouse_folder_drift 1.0");
      assertThat(asked(url + "/health"))
          .contains("\"name\":\"folder\",\"status\":\"UP\"")
          .contains("\"drift\":\"1\"", "\"problems\":\"0\"")
          .doesNotContain("shop");
      Files.writeString(file, shopWithoutBilling());
      assertThat(own.await("(The folder .* was applied: .* deleted 1.*)")).contains("created 1");
      Files.writeString(file, "kind: x\n");
      own.await("(The folder .* was not applied: problems: 1)");
      assertThat(asked(url + "/health"))
          .contains("\"name\":\"folder\",\"status\":\"DOWN\"", "\"problems\":\"1\"")
          .doesNotContain("shop");
    }
    try (ProgramProcess own = startGateway(2, variables)) {
      assertThat(own.exitCode()).isEqualTo(1);
      assertThat(own.output()).contains("Error: admin.folder: shop.yaml:1: kind: ");
    }
  }

  private static String asked(String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void aStateComesBackWithItsPasswordsAndLabels() throws Exception {
    assertThat(fed(account("one"), "apply", "-f", "-", "--label", "shop").code).isZero();
    String url = String.valueOf(environment.get("GATEHOUSE_API_URL"));
    Path file = folder.resolve("kept.yaml");
    assertThat(run("state", "export", "-f", file.toString()).code).isZero();
    assertThat(Files.readString(file)).contains("EncryptedState").doesNotContain("name: one");
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    fails(run("state", "export", "-f", file.toString()), "exists already");
    fails(
        with("GATEHOUSE_STATE_PASSPHRASE", "wrong", "state", "check", "-f", file.toString()),
        "the passphrase is wrong, or the file was changed");
    fails(
        with("GATEHOUSE_STATE_PASSPHRASE", "", "state", "import", "-f", file.toString()),
        "is encrypted");

    assertThat(run("delete", "service-account", "one").code).isZero();
    assertThat(run("state", "import", "-f", file.toString(), "--dry-run").code).isZero();
    assertThat(run("get", "all").out).isEmpty();
    assertThat(run("state", "import", "-f", file.toString()).err).isEmpty();
    assertThat(run("get", "service-account").out).contains("one");
    assertThat(fed("---", "apply", "-f", "-", "--label", "shop", "--prune").code).isEqualTo(2);
    assertThat(
            fed(account("two"), "apply", "-f", "-", "--label", "shop", "--prune", "--dry-run").out)
        .contains("GatewayServiceAccount passthrough/one: Deleted");

    Map<String, String> reader =
        Map.of(
            "GATEHOUSE_API_URL",
            url,
            "GATEHOUSE_API_USER",
            "reader",
            "GATEHOUSE_API_PASSWORD",
            "a reader's");
    fails(
        run(
            reader,
            InputStream.nullInputStream(),
            "state",
            "export",
            "--without-secrets",
            "-f",
            folder.resolve("reader.yaml").toString()),
        "may only read");
    Path broken = write("state/broken.yaml", account("one") + account("one"));
    fails(run("state", "check", "-f", broken.toString()), "broken.yaml:6: ", "stands in");
    fails(run("state", "export"), "one file");
    fails(run("state", "x", "-f", "y"), "one of export, import, check");
  }
}
