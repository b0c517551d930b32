package io.gatehouse.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How to start a Java program of Kafka's: on the JVM that runs us, in a process that dies with us.
 *
 * @param jars its class path
 * @param mainClass fully named
 * @param jvmArguments before the main class
 * @param arguments after it
 * @param folder its working directory
 */
record JavaCommand(
    KafkaJars jars,
    String mainClass,
    List<String> jvmArguments,
    List<String> arguments,
    Path folder) {

  // Quick to start rather than quick in the long run. The last two quiet warnings about what
  // Kafka's codecs do.
  private static final List<String> JVM =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /**
   * A process to start, with its class path in the environment so that process lists stay readable.
   */
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
    // What is meant for the JVM that runs us, such as a coverage agent, is not meant for a broker.
    builder
        .environment()
        .keySet()
        .removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
    return builder;
  }
}
