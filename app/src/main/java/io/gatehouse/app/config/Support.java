package io.gatehouse.app.config;

/** How a setting of another product is handled. */
public enum Support {
  /** It has the same effect as in the other product. */
  YES("yes"),
  /** Accepted with a notice, because nothing in the gateway depends on it. */
  NO_EFFECT("no effect"),
  /** Refused if the value asks for a feature that is missing and that users may rely on. */
  NOT_YET("not yet"),
  /** Refused unless it has its default value, because it was removed from the other product. */
  RETIRED("retired");

  private final String label;

  Support(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /**
   * @throws IllegalArgumentException for an unknown label
   */
  public static Support of(String label) {
    for (Support support : values()) {
      if (support.label.equals(label)) {
        return support;
      }
    }
    throw new IllegalArgumentException("unknown support label '" + label + "'");
  }
}
