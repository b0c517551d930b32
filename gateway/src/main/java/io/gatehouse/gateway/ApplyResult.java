package io.gatehouse.gateway;

import java.util.List;

/**
 * What came of settings that were applied to a running gateway.
 *
 * @param changes what is other than before, a line for each
 * @param needRestart what was to be other and stays as it was, because only a start can change it
 */
public record ApplyResult(List<String> changes, List<String> needRestart) {

  public ApplyResult {
    changes = List.copyOf(changes);
    needRestart = List.copyOf(needRestart);
  }
}
