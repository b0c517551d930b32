package io.gatehouse.bench.micro;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Runs the benchmarks whose names match an argument, or all. */
public final class Microbenchmarks {

  private Microbenchmarks() {}

  /** Arguments are regular expressions that are searched in {@code Class.method}. */
  public static void main(String[] args) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .jvmArgsAppend(
                "--sun-misc-unsafe-memory-access=allow",
                "-Dio.netty.noUnsafe=false",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders");
    for (String arg : args) {
      options = options.include(arg);
    }
    var _ = new Runner(options.build()).run();
  }
}
