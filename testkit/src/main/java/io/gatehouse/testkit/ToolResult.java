package io.gatehouse.testkit;

/**
 * The result of a command-line tool.
 *
 * @param tool the name of the tool
 * @param exitCode 0 for success
 * @param stdout the standard output
 * @param stderr the standard error
 */
public record ToolResult(String tool, int exitCode, String stdout, String stderr) {

  /**
   * Returns this result if the tool succeeded.
   *
   * @throws IllegalStateException with the output, otherwise
   */
  public ToolResult orThrow() {
    if (exitCode != 0) {
      throw new IllegalStateException(
          tool + " ended with exit code " + exitCode + "\n" + stdout + stderr);
    }
    return this;
  }
}
