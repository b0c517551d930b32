package io.gatehouse.testkit;

/**
 * How a command-line tool ended.
 *
 * @param tool what was run
 * @param exitCode 0 for success
 * @param stdout what it wrote for the reader
 * @param stderr its complaints, and warnings of its log
 */
public record ToolResult(String tool, int exitCode, String stdout, String stderr) {

  /**
   * Itself, when the tool succeeded.
   *
   * @throws IllegalStateException with all it said, otherwise
   */
  public ToolResult orThrow() {
    if (exitCode != 0) {
      throw new IllegalStateException(
          tool + " ended with exit code " + exitCode + "\n" + stdout + stderr);
    }
    return this;
  }
}
