package io.gatehouse.http;

import java.util.List;

/** Reloads the configuration of the process. */
@FunctionalInterface
public interface Reloading {

  /** Reads the configuration again and applies it if it is valid. May block. */
  Result reload();

  /**
   * The result of a reload.
   *
   * @param changes one line for each setting that has changed
   * @param needRestart paths of settings that only a restart can change
   * @param problems why nothing was changed; empty if the configuration is valid
   */
  record Result(List<String> changes, List<String> needRestart, List<String> problems) {
    public Result {
      changes = List.copyOf(changes);
      needRestart = List.copyOf(needRestart);
      problems = List.copyOf(problems);
    }

    public static Result refused(List<String> problems) {
      return new Result(List.of(), List.of(), problems);
    }
  }
}
