package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.conduktor.GatewayEnvironment;
import io.gatehouse.auth.Secret;
import io.gatehouse.auth.sasl.users.PasswordHash;
import io.gatehouse.control.Rights;
import io.gatehouse.control.kind.Kind;
import io.gatehouse.control.store.StoreSettings;
import io.gatehouse.http.AdminUser;
import io.gatehouse.http.UserSettings;
import io.gatehouse.tls.PrincipalRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminSettingsTest {

  private static final String BROKERS = "upstream: {bootstrapServers: 'k:1'}\n";

  @TempDir Path folder;

  private static AppSettings.Admin admin(String yaml) {
    SettingsBinder.Result result = BoundYaml.bind(BROKERS + yaml);
    assertThat(result.problems().lines()).isEmpty();
    return Objects.requireNonNull(result.settings()).admin();
  }

  private static List<String> problems(String yaml) {
    return BoundYaml.bind(BROKERS + yaml).problems().lines();
  }

  private static SettingsBinder.Result variables(String... pairs) {
    Map<String, String> environment = new HashMap<>();
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "k:1");
    for (int i = 0; i < pairs.length; i += 2) {
      environment.put(pairs[i], pairs[i + 1]);
    }
    Problems problems = new Problems();
    Node.Mapping tree =
        GatewayEnvironment.translate(environment, false, problems)
            .over(GatewayEnvironment.defaults(environment));
    return SettingsBinder.bind(tree, environment, problems, BoundYaml.ADVICE);
  }

  @Test
  void keepsResourcesInMemoryUnlessAFileIsNamed() {
    assertThat(admin("").store()).isEqualTo(new StoreSettings.Memory());
    assertThat(admin("admin: {store: {file: /x.yaml}}").store())
        .isEqualTo(new StoreSettings.File(Path.of("/x.yaml")));
    assertThat(
            Objects.requireNonNull(variables("GATEHOUSE_ADMIN_STORE_FILE", "/x.yaml").settings())
                .admin()
                .store())
        .isEqualTo(new StoreSettings.File(Path.of("/x.yaml")));
  }

  @Test
  void readsUsers() {
    assertThat(
            admin("admin: {users: [{name: a, password: b, admin: true}, {name: c, password: d}]}")
                .users()
                .users())
        .containsExactly(
            new AdminUser("a", new Secret("b"), true), new AdminUser("c", new Secret("d"), false));
    assertThat(problems("admin: {users: [{name: a, password: b}, {name: a, password: c}]}"))
        .singleElement()
        .asString()
        .contains("two users");
    assertThat(
            problems(
                "admin: {users: [{name: a, certificate: c, subject: s},"
                    + " {name: b, certificate: c}, {name: d, subject: s}]}"))
        .singleElement()
        .asString()
        .contains("two users have the certificate c; two users have the subject s");
    assertThat(problems("admin: {users: [{name: a}]}"))
        .singleElement()
        .asString()
        .contains("has no password");
    assertThat(problems("admin: {users: [{name: 'a:b', password: c}]}")).hasSize(1);
    assertThat(problems("admin: {users: [{nam: a}]}"))
        .anySatisfy(line -> assertThat(line).contains("admin.users[0].nam", "did you mean name?"));
  }

  @Test
  void readsWhatUsersMayDoAndHowTheyProveWhoTheyAre() {
    String hash = "$2y$10$" + "a".repeat(53);
    UserSettings users =
        admin(
                """
                admin:
                  users:
                    - {name: a, passwordHash: %s, certificate: 'CN=a', subject: s}
                    - name: b
                      certificate: CN=b
                      rights:
                        - {kinds: [gatewayserviceaccount, Interceptor], virtualClusters: [v], verbs: [read, write]}
                        - {}
                  certificateRules: RULE:^CN=(.*)$/$1/,DEFAULT
                  oidc: {url: 'https://idp/keys', issuer: i, audiences: g, adminRoles: [ops], readRoles: [dev, qa]}
                """
                    .formatted(hash))
            .users();
    assertThat(users.users())
        .containsExactly(
            new AdminUser(
                "a", new AdminUser.Proofs(PasswordHash.ofBcrypt(hash), "CN=a", "s"), Rights.READER),
            new AdminUser(
                "b",
                new AdminUser.Proofs(null, "CN=b", null),
                new Rights(
                    false,
                    List.of(
                        new Rights.Grant(
                            Set.of(Kind.SERVICE_ACCOUNT, Kind.INTERCEPTOR), Set.of("v"), true),
                        new Rights.Grant(Set.of(), Set.of(), false)))));
    assertThat(users.certificates()).isEqualTo(new PrincipalRules("RULE:^CN=(.*)$/$1/,DEFAULT"));
    UserSettings.Tokens tokens = Objects.requireNonNull(users.tokens());
    assertThat(tokens.adminRoles()).containsExactly("ops");
    assertThat(tokens.readRoles()).containsExactlyInAnyOrder("dev", "qa");
    assertThat(tokens.verifier().rules().claims().scope()).isEqualTo("groups");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {name: a, passwordHash: x}                         | bcrypt hash is cut short
          {name: a, password: x, passwordHash: y}            | exclude each other
          {name: a, password: ''}                            | empty
          {name: a, password: x, admin: true, rights: []}    | exclude each other
          {name: a, password: x, rights: [{kinds: [Grup]}]}  | 'Grup' is not one of VirtualCluster
          {name: a, password: x, rights: [{verbs: [all]}]}   | 'all' is not one of read, write
          {name: a, password: x, rights: [{cluster: b}]}     | there is no key admin.users[0].rights[0].cluster
          """)
  void refusesUsersThatMakeNoSense(String user, String problem) {
    assertThat(problems("admin: {users: [" + user + "]}"))
        .singleElement()
        .asString()
        .contains(problem);
  }

  @Test
  void tokensNeedAnAudience() {
    assertThat(problems("admin: {oidc: {url: 'https://idp/keys', adminRoles: [a]}}"))
        .singleElement()
        .asString()
        .contains("admin.oidc.audiences", "any other service");
  }

  @Test
  void readsUsersOfAFile() throws Exception {
    Path file = folder.resolve("users.yaml");
    Files.writeString(file, "users: [{name: a, passwordHash: '$2y$05$" + "a".repeat(53) + "'}]\n");
    String yaml = "admin: {usersFile: " + file + "}";
    UserSettings.UserSource source = Objects.requireNonNull(admin(yaml).users().file());
    assertThat(source.parse(source.text())).extracting(AdminUser::name).containsExactly("a");
    SettingsBinder.Result fine = BoundYaml.bind(BROKERS + yaml);
    fine.checkFiles();
    assertThat(fine.problems().lines()).isEmpty();
    Files.writeString(file, "users: [{nam: a}]\nuser: x\n");
    SettingsBinder.Result broken = BoundYaml.bind(BROKERS + yaml);
    broken.checkFiles();
    assertThat(broken.problems().lines())
        .singleElement()
        .asString()
        .contains("admin.usersFile", "did you mean name?", "there is no key user,");
    Files.writeString(file, "users: [{name: a, certificate: c}]\n");
    SettingsBinder.Result twice =
        BoundYaml.bind(
            BROKERS + "admin: {users: [{name: b, certificate: c}], usersFile: " + file + "}");
    twice.checkFiles();
    assertThat(twice.problems().lines())
        .singleElement()
        .asString()
        .contains("admin.usersFile", "two users have the certificate c");
  }

  @Test
  void readsUsersOfConduktorsVariable() {
    for (String list :
        List.of(
            "[{username: a, password: b, admin: true}, {username: c, password: 'd', admin: false}]",
            "[{\"username\":\"a\",\"password\":\"b\",\"admin\":true},{\"username\":\"c\",\"password\":\"d\"}]",
            "- username: a\n  password: b\n  admin: true\n- username: c\n  password: d\n")) {
      SettingsBinder.Result result = variables("GATEWAY_ADMIN_API_USERS", list);
      assertThat(result.problems().lines()).isEmpty();
      assertThat(Objects.requireNonNull(result.settings()).admin().users().users())
          .containsExactly(
              new AdminUser("a", new Secret("b"), true),
              new AdminUser("c", new Secret("d"), false));
      assertThat(result.yaml()).contains("password: \"***\"").doesNotContain("\"b\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "admin:s3cret",
        "[admin:s3cret]",
        "[[s3cret]]",
        "{s3cret: s3cret}",
        "[{user: a, password: s3cret}]",
        "[{"
      })
  void refusesOtherFormsOfItWithoutShowingThem(String list) {
    SettingsBinder.Result result = variables("GATEWAY_ADMIN_API_USERS", list);
    assertThat(result.problems().lines())
        .isNotEmpty()
        .allSatisfy(
            line -> assertThat(line).contains("GATEWAY_ADMIN_API_USERS").doesNotContain("s3cret"));
  }

  private List<String> problemsOfFile(String users, String host) throws Exception {
    Path file = Files.writeString(folder.resolve("users.yaml"), "users: " + users + "\n");
    SettingsBinder.Result result =
        BoundYaml.bind(BROKERS + "admin: {usersFile: %s}\nhttp: {host: %s}".formatted(file, host));
    result.checkFiles();
    return result.problems().lines();
  }

  @Test
  void refusesThePasswordEverybodyKnowsWhereOthersCanTryIt() throws Exception {
    String users = "admin: {users: [{name: a, password: conduktor}]";
    for (String host : List.of("127.0.0.1", "localhost", "'::1'")) {
      assertThat(problems(users + "}\nhttp: {host: " + host + "}")).isEmpty();
    }
    assertThat(problems(users + "}\nhttp: {enabled: false, host: 0.0.0.0}")).isEmpty();
    assertThat(problems(users + "}\nhttp: {host: 0.0.0.0}"))
        .singleElement()
        .asString()
        .contains("HTTP listens on 0.0.0.0", "GATEHOUSE_ADMIN_ALLOW_DEFAULT_PASSWORD=true");
    assertThat(problems(users + ", allowDefaultPassword: true}\nhttp: {host: 0.0.0.0}")).isEmpty();
    assertThat(problemsOfFile("[{name: a, password: conduktor}]", "127.0.0.1")).isEmpty();
    assertThat(problemsOfFile("[{name: a, password: conduktor}]", "0.0.0.0"))
        .singleElement()
        .asString()
        .contains("admin.usersFile", "the user a has the password that Conduktor Gateway");
    String list = "[{username: admin, password: conduktor, admin: true}]";
    assertThat(
            variables("GATEWAY_ADMIN_API_USERS", list, "GATEWAY_HTTP_PORT", "8888")
                .problems()
                .lines())
        .hasSize(1);
    assertThat(
            variables(
                    "GATEWAY_ADMIN_API_USERS", list,
                    "GATEWAY_HTTP_PORT", "8888",
                    "GATEHOUSE_ADMIN_ALLOW_DEFAULT_PASSWORD", "true")
                .problems()
                .lines())
        .isEmpty();
  }

  @Test
  void tellsOfABrokenFile() throws Exception {
    Path file = Files.writeString(folder.resolve("state.yaml"), "kind: x\n");
    SettingsBinder.Result result = BoundYaml.bind(BROKERS + "admin: {store: {file: " + file + "}}");
    result.checkFiles();
    assertThat(result.problems().lines())
        .singleElement()
        .asString()
        .contains("admin.store.file", "document in line 1", "'x' is not kept here");
  }

  @Test
  void warnsOfRequiredAccountsThatDoNotLast() {
    String listener =
        "listeners: [{authentication: {mechanisms: [{serviceAccountKey:"
            + " MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=, accountsRequired: true}]}}]\n";
    assertThat(BoundYaml.bind(BROKERS + listener).problems().notices())
        .anyMatch(notice -> notice.contains("admin.store.file"));
    assertThat(
            BoundYaml.bind(BROKERS + listener + "admin: {store: {file: " + folder + "/x}}")
                .problems()
                .notices())
        .noneMatch(notice -> notice.contains("admin.store.file"));
  }
}
