import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Prints the bill of materials of a distribution (CycloneDX 1.6, JSON): {@code java Sbom.java STAGE
 * LIST VERSION TIMESTAMP}.
 *
 * <p>It lists the jars in STAGE/lib. LIST, written by Maven, contains their coordinates and paths
 * in the local repository, and the poms there contain their licences. A jar that is missing in
 * LIST, or without a licence, is an error, so that the bill of materials is complete. The output is
 * reproducible.
 */
final class Sbom {

  /**
   * {@code group:artifact:type[:classifier]:version:scope:file}, optionally followed by a module
   * name.
   */
  private static final Pattern LISTED =
      Pattern.compile(
          "\\s*([^:\\s]+):([^:]+):jar:(?:([^:]+):)?([^:]+):(?:compile|runtime):(.+?)"
              + "(?: -- module .*)?");

  /**
   * @param folder the folder of the jar; in Maven's local repository, unless the jar is ours
   */
  private record Coordinates(
      String group, String artifact, String classifier, String version, Path folder) {
    String jar() {
      return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }

    String purl() {
      String more = classifier.isEmpty() ? "" : "classifier=" + classifier + "&";
      return "pkg:maven/" + group + "/" + artifact + "@" + version + "?" + more + "type=jar";
    }
  }

  private final Path stage;
  private final String version;

  private Sbom(Path stage, String version) {
    this.stage = stage;
    this.version = version;
  }

  public static void main(String[] arguments) throws Exception {
    Sbom sbom = new Sbom(Path.of(arguments[0]), arguments[2]);
    Map<String, Object> bill = sbom.bill(listed(Path.of(arguments[1])), arguments[3]);
    StringBuilder unnumbered = new StringBuilder();
    write(unnumbered, bill, "\n");
    bill.put(
        "serialNumber",
        "urn:uuid:"
            + UUID.nameUUIDFromBytes(unnumbered.toString().getBytes(StandardCharsets.UTF_8)));
    StringBuilder out = new StringBuilder();
    write(out, bill, "\n");
    System.out.println(out);
  }

  private static Map<String, Coordinates> listed(Path list) throws IOException {
    Map<String, Coordinates> byJar = new TreeMap<>();
    for (String line : Files.readAllLines(list)) {
      Matcher matcher = LISTED.matcher(line);
      if (matcher.matches()) {
        String classifier = Objects.requireNonNullElse(matcher.group(3), "");
        Coordinates one =
            new Coordinates(
                matcher.group(1),
                matcher.group(2),
                classifier,
                matcher.group(4),
                Objects.requireNonNull(Path.of(matcher.group(5)).getParent()));
        byJar.put(one.jar(), one);
      }
    }
    return byJar;
  }

  private Map<String, Object> bill(Map<String, Coordinates> listed, String timestamp)
      throws Exception {
    List<Object> components = new ArrayList<>();
    List<Object> references = new ArrayList<>();
    List<Path> jars;
    try (Stream<Path> files = Files.list(stage.resolve("lib"))) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    for (Path jar : jars) {
      Coordinates coordinates = listed.get(jar.getFileName().toString());
      if (coordinates == null && jar.getFileName().toString().startsWith("gatehouse-app-")) {
        coordinates = new Coordinates("io.gatehouse", "gatehouse-app", "", version, stage);
      }
      if (coordinates == null) {
        throw new IllegalStateException("the list of Maven does not contain " + jar);
      }
      components.add(library(jar, coordinates));
      references.add(coordinates.purl());
    }
    Map<String, Object> runtime = runtime();
    components.add(runtime);
    references.add(runtime.get("bom-ref"));

    Map<String, Object> product = new LinkedHashMap<>();
    product.put("type", "application");
    product.put("bom-ref", "gatehouse@" + version);
    product.put("name", "gatehouse");
    product.put("version", version);
    product.put("licenses", List.of(Map.of("license", Map.of("id", "Apache-2.0"))));
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("timestamp", timestamp);
    metadata.put("component", product);
    Map<String, Object> uses = new LinkedHashMap<>();
    uses.put("ref", product.get("bom-ref"));
    uses.put("dependsOn", references);

    Map<String, Object> bill = new LinkedHashMap<>();
    bill.put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    bill.put("bomFormat", "CycloneDX");
    bill.put("specVersion", "1.6");
    bill.put("serialNumber", "");
    bill.put("version", 1);
    bill.put("metadata", metadata);
    bill.put("components", components);
    bill.put("dependencies", List.of(uses));
    return bill;
  }

  private Map<String, Object> library(Path jar, Coordinates coordinates) throws Exception {
    Map<String, Object> library = new LinkedHashMap<>();
    library.put("type", "library");
    library.put("bom-ref", coordinates.purl());
    library.put("group", coordinates.group());
    library.put("name", coordinates.artifact());
    library.put("version", coordinates.version());
    Map<String, Object> hash = new LinkedHashMap<>();
    hash.put("alg", "SHA-256");
    hash.put("content", sha256(jar));
    library.put("hashes", List.of(hash));
    List<Object> licences =
        coordinates.group().equals("io.gatehouse")
            ? List.of(Map.of("license", Map.of("id", "Apache-2.0")))
            : licences(
                repositoryOf(coordinates),
                coordinates.group(),
                coordinates.artifact(),
                coordinates.version());
    if (licences.isEmpty()) {
      throw new IllegalStateException("no pom has a licence for " + coordinates.purl());
    }
    library.put("licenses", licences);
    library.put("purl", coordinates.purl());
    return library;
  }

  /** The Java runtime in the archive, from its release file. */
  private Map<String, Object> runtime() throws IOException {
    Properties release = new Properties();
    try (var in = Files.newBufferedReader(stage.resolve("runtime/release"))) {
      release.load(in);
    }
    String java = unquoted(release, "JAVA_RUNTIME_VERSION", "JAVA_VERSION");
    Map<String, Object> runtime = new LinkedHashMap<>();
    runtime.put("type", "platform");
    runtime.put("bom-ref", "openjdk@" + java);
    Map<String, Object> supplier = new LinkedHashMap<>();
    supplier.put("name", unquoted(release, "IMPLEMENTOR", "IMPLEMENTOR"));
    runtime.put("supplier", supplier);
    runtime.put("name", "openjdk");
    runtime.put("version", java);
    runtime.put(
        "licenses", List.of(Map.of("expression", "GPL-2.0-only WITH Classpath-exception-2.0")));
    return runtime;
  }

  private static String unquoted(Properties release, String key, String other) {
    return release.getProperty(key, release.getProperty(other, "unknown")).replace("\"", "");
  }

  /**
   * The root of the local repository, computed from the number of path elements of group, artifact
   * and version.
   */
  private static Path repositoryOf(Coordinates coordinates) {
    Path folder = coordinates.folder();
    for (int up = coordinates.group().split("\\.").length + 2; up > 0; up--) {
      folder = Objects.requireNonNull(folder.getParent());
    }
    return folder;
  }

  /** The licences of the pom, else of its nearest parent that has any. */
  private static List<Object> licences(
      Path repository, String group, String artifact, String version) throws Exception {
    Path pom =
        repository.resolve(
            "%s/%s/%s/%2$s-%3$s.pom".formatted(group.replace('.', '/'), artifact, version));
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
    Element project = factory.newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
    Element named = child(project, "licenses");
    List<Object> found = new ArrayList<>();
    for (Node n = named == null ? null : named.getFirstChild(); n != null; n = n.getNextSibling()) {
      if (n instanceof Element licence) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", text(licence, "name"));
        if (!text(licence, "url").isEmpty()) {
          one.put("url", text(licence, "url"));
        }
        found.add(Map.of("license", one));
      }
    }
    Element parent = child(project, "parent");
    return found.isEmpty() && parent != null
        ? licences(
            repository,
            text(parent, "groupId"),
            text(parent, "artifactId"),
            text(parent, "version"))
        : found;
  }

  private static Element child(Element of, String name) {
    for (Node node = of.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        return element;
      }
    }
    return null;
  }

  private static String text(Element of, String name) {
    Element child = child(of, name);
    return child == null ? "" : child.getTextContent().strip();
  }

  private static String sha256(Path file) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return "%064x".formatted(new BigInteger(1, digest));
  }

  private static void write(StringBuilder out, Object value, String line) {
    String inner = line + "  ";
    switch (value) {
      case Map<?, ?> map -> {
        String separator = "{" + inner;
        for (var member : map.entrySet()) {
          out.append(separator);
          write(out, member.getKey(), inner);
          out.append(": ");
          write(out, member.getValue(), inner);
          separator = "," + inner;
        }
        out.append(line).append('}');
      }
      case List<?> list -> {
        String separator = "[" + inner;
        for (Object element : list) {
          out.append(separator);
          write(out, element, inner);
          separator = "," + inner;
        }
        out.append(line).append(']');
      }
      case Integer number -> out.append(number);
      default -> out.append('"').append(escaped(value.toString())).append('"');
    }
  }

  private static String escaped(String text) {
    return text.chars()
        .mapToObj(c ->
            c == '"' || c == '\\'
                ? "\\" + (char) c
                : c < ' ' ? "\\u%04x".formatted(c) : String.valueOf((char) c))
        .collect(Collectors.joining());
  }
}
