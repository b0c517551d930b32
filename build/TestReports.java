import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Evaluates the reports of Surefire and Failsafe, because Maven is told to ignore failures: {@code
 * java TestReports.java ROOT LOG [unit] [integration] [no-skips]}.
 *
 * <p>A run has failed if a report contains a failure or an error, if LOG (the output of Maven)
 * contains a failed module, for example after a crash of its test JVM, if a test JVM reported
 * buffer leaks, or if no test ran. With {@code unit} and {@code integration}, each class named
 * *Test and *IT must have a report, except those in the groups fuzz and soak. With {@code no-skips}
 * a skipped test is a failure. Failures are listed on standard output, and the exit code is then 1.
 */
final class TestReports {

  /** Maven's message about a failed module, for example after a crash of its test JVM. */
  private static final Pattern FAILED = Pattern.compile("Failed to execute goal (.*)");

  private static final Pattern OTHER_GROUP = Pattern.compile("(?m)^@Tag\\(\"(?:soak|fuzz)\"\\)");

  private final Path root;
  private final List<String> wrong = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();
  private int tests;

  private TestReports(Path root) {
    this.root = root;
  }

  public static void main(String[] args) throws Exception {
    Set<String> options = Set.copyOf(List.of(args).subList(2, args.length));
    TestReports reports = new TestReports(Path.of(args[0]));
    for (Path module : reports.modules()) {
      reports.read(module, "surefire", options.contains("unit") ? "Test.java" : null);
      reports.readLeaks(module);
      reports.read(module, "failsafe", options.contains("integration") ? "IT.java" : null);
    }
    reports.readLog(Path.of(args[1]));
    System.exit(reports.tell(options.contains("no-skips")) ? 0 : 1);
  }

  private List<Path> modules() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(folder -> Files.isDirectory(folder.resolve("src/test/java")))
          .sorted()
          .toList();
    }
  }

  /**
   * Reads the reports of a plugin in a module.
   *
   * @param complete the suffix of the test classes that must have a report; null for none
   */
  private void read(Path module, String plugin, String complete) throws Exception {
    Path folder = module.resolve("target/" + plugin + "-reports");
    Set<String> reported = new TreeSet<>();
    if (Files.isDirectory(folder)) {
      for (Path file : files(folder, "TEST-", ".xml")) {
        String name = file.getFileName().toString();
        reported.add(name.substring("TEST-".length(), name.length() - ".xml".length()));
        readReport(module, file);
      }
    }
    if (complete == null) {
      return;
    }
    Set<String> missing = new TreeSet<>();
    for (Path source : files(module.resolve("src/test/java"), "", complete)) {
      if (!OTHER_GROUP.matcher(Files.readString(source)).find()) {
        missing.add(className(module, source));
      }
    }
    missing.removeAll(reported);
    if (!missing.isEmpty() && reported.isEmpty()) {
      wrong.add(
          "%s: no report of %s, %d classes ran nothing"
              .formatted(module.getFileName(), plugin, missing.size()));
    } else {
      missing.forEach(
          name -> wrong.add("%s: %s has no report".formatted(module.getFileName(), name)));
    }
  }

  private void readReport(Path module, Path file) throws Exception {
    Element suite;
    try {
      suite =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(file.toFile())
              .getDocumentElement();
    } catch (SAXException e) {
      wrong.add("%s: %s is not whole".formatted(module.getFileName(), file.getFileName()));
      return;
    }
    NodeList cases = suite.getElementsByTagName("testcase");
    tests += cases.getLength();
    int failed = 0;
    for (int i = 0; i < cases.getLength(); i++) {
      Element one = (Element) cases.item(i);
      String name =
          "%s: %s.%s"
              .formatted(
                  module.getFileName(), one.getAttribute("classname"), one.getAttribute("name"));
      for (String kind : List.of("failure", "error")) {
        NodeList found = one.getElementsByTagName(kind);
        if (found.getLength() > 0) {
          failed++;
          wrong.add(name + because((Element) found.item(0)));
        }
      }
      NodeList skips = one.getElementsByTagName("skipped");
      if (skips.getLength() > 0) {
        skipped.add(name + because((Element) skips.item(0)));
      }
    }
    int counted = count(suite, "failures") + count(suite, "errors");
    if (failed == 0 && counted > 0) {
      wrong.add(
          "%s: %s counts %d failures".formatted(module.getFileName(), file.getFileName(), counted));
    }
  }

  private static int count(Element suite, String attribute) {
    String value = suite.getAttribute(attribute);
    return value.isEmpty() ? 0 : Integer.parseInt(value);
  }

  private static String because(Element result) {
    String message = result.getAttribute("message").strip();
    String text = message.isEmpty() ? result.getTextContent().strip() : message;
    return text.isEmpty() ? "" : "\n    " + text.lines().findFirst().orElse("");
  }

  /** Reads the buffer leaks that test JVMs reported. */
  private void readLeaks(Path module) throws IOException {
    Path folder = module.resolve("target");
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        files
            .filter(file -> file.getFileName().toString().startsWith("leaks-"))
            .sorted()
            .forEach(file -> wrong.add("buffers were not released: see " + root.relativize(file)));
      }
    }
  }

  private void readLog(Path log) throws IOException {
    if (!Files.isRegularFile(log)) {
      return;
    }
    // The log may contain bytes that are not UTF-8.
    FAILED
        .matcher(Files.readString(log, ISO_8859_1))
        .results()
        .map(failed -> "Maven: " + failed.group(1).strip())
        .distinct()
        .forEach(wrong::add);
  }

  /** Prints the result and returns whether the run passed. */
  private boolean tell(boolean noSkips) {
    if (tests == 0) {
      wrong.add("no test ran");
    }
    if (!skipped.isEmpty()) {
      System.out.println(skipped.size() + " tests were skipped:");
      skipped.forEach(name -> System.out.println("  " + name));
      if (noSkips) {
        wrong.add(skipped.size() + " tests were skipped, which CI does not allow");
      }
    }
    if (wrong.isEmpty()) {
      System.out.println(tests + " tests passed or were skipped");
    } else {
      System.out.println(wrong.size() + " failures (" + tests + " tests ran):");
      wrong.forEach(name -> System.out.println("  " + name));
    }
    return wrong.isEmpty();
  }

  private static String className(Path module, Path source) {
    String path = module.resolve("src/test/java").relativize(source).toString();
    return path.substring(0, path.length() - ".java".length()).replace('/', '.');
  }

  private static List<Path> files(Path folder, String start, String end) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> file.getFileName().toString().startsWith(start))
          .filter(file -> file.getFileName().toString().endsWith(end))
          .sorted()
          .toList();
    }
  }
}
