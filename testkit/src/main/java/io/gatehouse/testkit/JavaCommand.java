package io.gatehouse.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command line of a Java program, run with the current JVM in a process that ends with this
 * process.
 *
 * @param jars the class path
 * @param mainClass the full name of the main class
 * @param jvmArguments the arguments before the main class
 * @param arguments the arguments after the main class
 * @param folder the working directory
 */
record JavaCommand(
    KafkaJars jars,
    String mainClass,
    List<String> jvmArguments,
    List<String> arguments,
    Path folder) {

  // Options for a fast start. The last two suppress warnings about Kafka's codecs.
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** Creates the process, with the class path in the environment to keep process lists readable. */
  ProcessBuilder builder(List<String> moreJvmArguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(Reaper.mark());
    command.addAll(JVM);
    command.addAll(jvmArguments);
    command.addAll(moreJvmArguments);
    command.add(mainClass);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().put("CLASSPATH", jars.classPath());
    // Options for this JVM, such as a coverage agent, must not apply to brokers.
    builder
        .environment()
        .keySet()
        .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    return builder;
  }
}
