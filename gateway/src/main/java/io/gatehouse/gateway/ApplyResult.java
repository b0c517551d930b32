package io.gatehouse.gateway;

import java.util.List;

/**
 * The result of {@link Gateway#apply}.
 *
 * @param changes one line for each setting that has changed
 * @param needRestart paths of settings that were not changed, because only a restart can
 */
public record ApplyResult(List<String> changes, List<String> needRestart) {

  public ApplyResult {
    changes = List.copyOf(changes);
    needRestart = List.copyOf(needRestart);
  }
}
