package io.gatehouse.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatehouse.app.cli.Flag;
import io.gatehouse.app.conduktor.GatewayVariable;
import io.gatehouse.app.conduktor.KafkaProperties;
import io.gatehouse.app.conduktor.ListenerVariables;
import io.gatehouse.app.conduktor.Log4jVariables;
import io.gatehouse.app.kafkaproxy.KafkaProxyFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Compares the tables in the documentation with the code. */
class DocumentationTest {

  private static final Path DOCS = Path.of("../docs");

  /** A configuration that uses every key. */
  private static final String EVERYTHING =
      """
      upstream: {bootstrapServers: "k1:9092", tls: {}, properties: {security.protocol: SSL}, failover: {to: a}}
      upstreams:
        a: {login: {user: u, password: p}, handshake: {provider: p, plugin: {program: p}}}
        b: {login: {jaasFile: f}}
        c: {login: {properties: {sasl.mechanism: PLAIN}}}
        d: {login: {tokens: {}}}
        e: {login: {aws: {}}}
        f: {login: {kerberos: {}}}
        g: {login: {plugin: {}}}
        h: {accounts: [{user: u, password: p}]}
      admin: {users: [{name: n, password: p, rights: [{}]}], oidc: {}}
      http: {tls: {}}
      log: {audit: {topic: {}}}
      listeners:
        - ports: {}
          tls: {}
          proxyProtocol: {}
          handshake: {jwks: {}}
        - mapping: [{broker: k1:9092, listen: 127.0.0.1:9092}]
          dynamic: {}
          handshake: {google: {}}
        - sni: {virtualClusters: [{}]}
          handshake: {unsecured: {}}
        - handshake: {plugin: {}}
          authentication:
            mechanisms:
              - {name: PLAIN, users: f}
              - {name: PLAIN, user: f}
              - {name: SCRAM-SHA-512, accounts: true}
              - {name: PLAIN, serviceAccountKey: f}
              - {name: PLAIN, ldap: {}}
              - {name: PLAIN, plugin: {}}
              - {name: OAUTHBEARER, jwks: {}}
              - {name: OAUTHBEARER, google: {}}
              - {name: OAUTHBEARER, unsecured: {}}
              - {name: GSSAPI, kerberos: {}}
      """;

  /** The cells of a table with this first heading. */
  private static List<List<String>> table(String page, String firstHeading) throws IOException {
    List<String> lines = Files.readAllLines(DOCS.resolve(page));
    return lines.stream()
        .dropWhile(line -> !line.startsWith("| " + firstHeading + " |"))
        .skip(2)
        .takeWhile(line -> line.startsWith("|"))
        .map(DocumentationTest::cells)
        .toList();
  }

  private static List<String> cells(String row) {
    String[] cells = row.split("\\|", -1);
    return Arrays.stream(cells, 1, cells.length - 1)
        .map(cell -> cell.strip().replace("`", ""))
        .toList();
  }

  @Test
  void namesEveryKeyAndNoOther() throws Exception {
    List<String> documented =
        Files.readAllLines(DOCS.resolve("configuration.md")).stream()
            .filter(line -> line.matches("\\| `[a-z][A-Za-z.\\[\\]]*` \\|.*"))
            .map(line -> NativeVariables.nameOf(cells(line).getFirst().replace("[]", "[0]")))
            .toList();
    assertThat(documented).doesNotHaveDuplicates();
    Problems problems = new Problems();
    NativeVariables variables = new NativeVariables(Map.of());
    SettingsBinder.bind(
        YamlSource.inline("x", EVERYTHING, Map.of(), problems),
        variables,
        problems,
        BoundYaml.ADVICE);
    // The configuration is not valid, but all keys are known.
    assertThat(problems.lines()).noneMatch(line -> line.contains("there is no key"));
    Set<String> existing =
        variables.asked().stream()
            .map(name -> name.replaceFirst("LISTENERS_\\d", "LISTENERS_0"))
            .map(name -> name.replaceFirst("MECHANISMS_\\d", "MECHANISMS_0"))
            .map(name -> name.replaceFirst("UPSTREAMS_[A-Z]_", "UPSTREAM_"))
            // Accounts have the keys of a login.
            .map(name -> name.replaceFirst("_ACCOUNTS_0_(?!TENANT$|NAME$)", "_LOGIN_"))
            // Only marks that there are no dynamic listeners.
            .filter(name -> !name.endsWith("_DYNAMIC"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).containsExactlyInAnyOrderElementsOf(existing);
  }

  @Test
  void listsTheDefaultOfEveryKey() throws Exception {
    String listing =
        BoundYaml.bind("upstream: {bootstrapServers: k:1}").yaml()
            + BoundYaml.bind(EVERYTHING).yaml();
    for (String line : Files.readAllLines(DOCS.resolve("configuration.md"))) {
      if (line.matches("\\| `[a-z][A-Za-z.\\[\\]]*` \\| `[^`]*` \\|.*")) {
        List<String> cells = cells(line);
        String key = cells.get(0).substring(cells.get(0).lastIndexOf('.') + 1);
        String shown = key + ": " + Listing.scalar(cells.get(1)) + " ";
        if (!cells.get(0).contains("dynamic")) {
          assertThat(listing).as(cells.get(0)).contains(shown);
        }
      }
    }
  }

  @Test
  void describesEveryFlag() throws Exception {
    List<List<String>> expected =
        KafkaProxyFlags.all().stream()
            .map(flag ->
                List.of(flag.dashed(), flag.fallback(), flag.support().label(), flag.help()))
            .toList();
    assertThat(table("kafka-proxy.md", "Flag")).isEqualTo(expected);
    assertThat(KafkaProxyFlags.all()).extracting(Flag::name).doesNotHaveDuplicates();
  }

  @Test
  void describesEveryGatewayVariable() throws Exception {
    List<List<String>> expected =
        GatewayVariable.all().stream()
            .map(variable ->
                List.of(
                    variable.name(),
                    variable.support().label(),
                    String.join(", ", variable.harmless()),
                    variable.help()))
            .toList();
    assertThat(table("conduktor.md", "Variable")).isEqualTo(expected);
    assertThat(GatewayVariable.all()).extracting(GatewayVariable::name).doesNotHaveDuplicates();
  }

  @Test
  void describesListenersPropertiesAndPackages() throws Exception {
    assertThat(table("conduktor.md", "What")).isEqualTo(rows(ListenerVariables.SUFFIXES));
    assertThat(table("conduktor.md", "Property")).isEqualTo(rows(KafkaProperties.EFFECTIVE));
    assertThat(table("conduktor.md", "Package"))
        .isEqualTo(
            Log4jVariables.PACKAGES.entrySet().stream()
                .map(entry ->
                    List.of(
                        entry.getKey(),
                        entry.getValue().isEmpty() ? "none: no effect" : entry.getValue()))
                .toList());
  }

  private static List<List<String>> rows(Map<String, String> entries) {
    return entries.entrySet().stream()
        .map(entry -> List.of(entry.getKey(), entry.getValue()))
        .toList();
  }
}
