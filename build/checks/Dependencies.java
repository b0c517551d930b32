import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Compares docs/dependencies.md with the poms: {@code java Dependencies.java ROOT}. Every library
 * and Maven plugin in a pom must have a row with its version, licence and reason, and there must be
 * no other rows. Otherwise prints the differences and exits with 1.
 */
final class Dependencies {

  private static final String OURS = "io.gatehouse";
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]+)}");

  /** {@code | `artifact`, `artifact` | version | licence | why |}. */
  private static final Pattern ROW =
      Pattern.compile("\\|([^|]*`[^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|");

  private static final Pattern NAME = Pattern.compile("`([^`]+)`");

  private final Element parent;
  private final List<Element> poms = new ArrayList<>();
  private final Map<String, String> properties = new HashMap<>();

  /** Version by artifact, or by the start of a group ({@code io.netty:}) for imported BOMs. */
  private final Map<String, String> managed = new HashMap<>();

  private Dependencies(Path root) throws Exception {
    parent = read(root.resolve("pom.xml"));
    try (Stream<Path> files = Files.walk(root, 5)) {
      List<Path> found =
          files
              .filter(file -> file.endsWith("pom.xml") && !file.toString().contains("/target/"))
              .filter(file -> !file.toString().contains("/node_modules/"))
              .sorted()
              .toList();
      for (Path file : found) {
        poms.add(read(file));
      }
    }
    for (Element property : children(Objects.requireNonNull(child(parent, "properties")))) {
      properties.put(property.getTagName(), property.getTextContent().strip());
    }
    manage(parent, managed);
  }

  public static void main(String[] args) throws Exception {
    Path root = Path.of(args[0]);
    SortedMap<String, SortedSet<String>> used = new Dependencies(root).used();
    List<String> wrong = compare(used, root.resolve("docs/dependencies.md"));
    if (!wrong.isEmpty()) {
      System.err.println("docs/dependencies.md differs from the poms:");
      wrong.forEach(line -> System.err.println("  " + line));
      System.exit(1);
    }
    System.out.println("docs/dependencies.md has all " + used.size() + " libraries and plugins");
  }

  private static List<String> compare(SortedMap<String, SortedSet<String>> used, Path page)
      throws IOException {
    List<String> wrong = new ArrayList<>();
    SortedMap<String, String> rows = new TreeMap<>();
    for (String line : Files.readAllLines(page)) {
      Matcher row = ROW.matcher(line.strip());
      if (!row.matches()) {
        continue;
      }
      if (row.group(3).isBlank() || row.group(4).isBlank()) {
        wrong.add("no licence or no reason: " + line);
      }
      Matcher name = NAME.matcher(row.group(1));
      while (name.find()) {
        if (rows.put(name.group(1), row.group(2).strip()) != null) {
          wrong.add(name.group(1) + " has two rows");
        }
      }
    }
    used.forEach((artifact, versions) -> {
      String documented = rows.remove(artifact);
      String actual = String.join(", ", versions.reversed());
      if (documented == null) {
        wrong.add(artifact + " " + actual + " has no row");
      } else if (!documented.equals(actual)) {
        wrong.add(artifact + " is at " + actual + ", not at " + documented);
      }
    });
    rows.keySet().forEach(artifact -> wrong.add(artifact + " is in no pom"));
    return wrong;
  }

  /** The versions of all artifacts in the poms that are not ours. */
  private SortedMap<String, SortedSet<String>> used() {
    SortedMap<String, SortedSet<String>> used = new TreeMap<>();
    for (Element pom : poms) {
      Map<String, String> here = new HashMap<>(managed);
      manage(pom, here);
      for (String kind : List.of("dependency", "plugin", "path", "artifactItem")) {
        for (Element artifact : descendants(pom, kind)) {
          if (!isOnlyManaged(artifact)) {
            note(artifact, here, used);
          }
        }
      }
    }
    return used;
  }

  private void note(
      Element artifact, Map<String, String> here, SortedMap<String, SortedSet<String>> used) {
    String group = text(artifact, "groupId");
    String name = text(artifact, "artifactId");
    if (name == null || OURS.equals(group)) {
      return;
    }
    String given = text(artifact, "version");
    String version = given != null ? resolve(given) : here.get(name);
    if (version == null) {
      version =
          here.entrySet().stream()
              .filter(entry -> (group + ":").startsWith(entry.getKey()))
              .map(Map.Entry::getValue)
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no version for " + group + ":" + name));
    }
    used.computeIfAbsent(name, _ -> new TreeSet<>(Dependencies::byVersion)).add(version);
  }

  /**
   * Whether an element only pins a version. Pinned plugins count as used, because Maven uses them
   * by default.
   */
  private static boolean isOnlyManaged(Element artifact) {
    return artifact.getParentNode().getParentNode() instanceof Element section
        && section.getTagName().equals("dependencyManagement");
  }

  private void manage(Element pom, Map<String, String> into) {
    for (String section : List.of("dependencyManagement", "pluginManagement")) {
      for (Element management : descendants(pom, section)) {
        for (String kind : List.of("dependency", "plugin")) {
          for (Element artifact : descendants(management, kind)) {
            String version = text(artifact, "version");
            String name = text(artifact, "artifactId");
            if (version == null || name == null) {
              continue;
            }
            if ("import".equals(text(artifact, "scope"))) {
              into.put(text(artifact, "groupId") + ":", resolve(version));
            } else {
              into.put(name, resolve(version));
            }
          }
        }
      }
    }
    // jackson-bom and junit-bom have the parent group of the artifacts that they manage.
    if (into.containsKey("tools.jackson:")) {
      into.put("tools.jackson.core:", into.get("tools.jackson:"));
    }
    if (into.containsKey("org.junit:")) {
      into.put("org.junit.jupiter:", into.get("org.junit:"));
    }
  }

  private String resolve(String version) {
    return REFERENCE
        .matcher(version)
        .replaceAll(match ->
            Matcher.quoteReplacement(properties.getOrDefault(match.group(1), match.group())));
  }

  private static int byVersion(String one, String other) {
    Pattern parts = Pattern.compile("[.-]");
    String[] a = parts.split(one);
    String[] b = parts.split(other);
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      boolean numbers = a[i].matches("\\d+") && b[i].matches("\\d+");
      int order =
          numbers
              ? Integer.compare(Integer.parseInt(a[i]), Integer.parseInt(b[i]))
              : a[i].compareTo(b[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.length, b.length);
  }

  private static Element read(Path file) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(file.toFile())
        .getDocumentElement();
  }

  private static List<Element> children(Element of) {
    List<Element> children = new ArrayList<>();
    for (Node node = of.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element) {
        children.add(element);
      }
    }
    return children;
  }

  private static List<Element> descendants(Element of, String tag) {
    List<Element> found = new ArrayList<>();
    for (Element element : children(of)) {
      if (element.getTagName().equals(tag)) {
        found.add(element);
      }
      found.addAll(descendants(element, tag));
    }
    return found;
  }

  private static Element child(Element of, String tag) {
    return children(of).stream()
        .filter(element -> element.getTagName().equals(tag))
        .findFirst()
        .orElse(null);
  }

  private static String text(Element of, String tag) {
    Element element = child(of, tag);
    return element == null ? null : element.getTextContent().strip();
  }
}
