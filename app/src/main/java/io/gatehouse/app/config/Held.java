package io.gatehouse.app.config;

/**
 * Something that reading the configuration made and that lasts as long as the settings: an account,
 * a mechanism. Who made it closes it; the gateway only uses it.
 */
record Held(AutoCloseable part) implements StartStep {

  @Override
  public void start() {}

  @Override
  public void close() {
    try {
      part.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(part + " does not end", e);
    }
  }
}
