package io.gatehouse.app.config;

/** What becomes of a setting of another product when it is given. */
public enum Support {
  /** It does here what it does there. */
  YES("yes"),
  /** Accepted, since nothing depends on it here. */
  NO_EFFECT("no effect"),
  /** Refused where the value asks for something that a user relies on and that is missing. */
  NOT_YET("not yet"),
  /**
   * Refused where the value asks for anything, since it no longer exists in the product it comes
   * from.
   */
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
    throw new IllegalArgumentException("no kind of support is called '" + label + "'");
  }
}
