package io.gatehouse.control.doc;

import java.math.BigDecimal;

/**
 * A number as it was written: {@code 1.0} and {@code 1} stay different, and nothing is rounded. Its
 * text is a JSON number.
 */
public final class Digits extends Number {
  private static final long serialVersionUID = 1;

  private final String text;

  private Digits(String text) {
    this.text = text;
  }

  /** A number of JSON, or of YAML's core schema, which also has {@code +1}, {@code 01} and .5. */
  static Digits of(String text) {
    String sign = text.startsWith("-") ? "-" : "";
    String rest = text.replaceFirst("^[-+]", "").replaceFirst("^0+(?=[0-9])", "");
    if (rest.startsWith(".")) {
      rest = "0" + rest;
    }
    return new Digits(sign + rest.replaceFirst("\\.(?![0-9])", ".0"));
  }

  @Override
  public int intValue() {
    return decimal().intValue();
  }

  @Override
  public long longValue() {
    return decimal().longValue();
  }

  @Override
  public float floatValue() {
    return Float.parseFloat(text);
  }

  @Override
  public double doubleValue() {
    return Double.parseDouble(text);
  }

  private BigDecimal decimal() {
    return BigDecimal.valueOf(doubleValue());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Digits digits && text.equals(digits.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /** The number as JSON. */
  @Override
  public String toString() {
    return text;
  }
}
