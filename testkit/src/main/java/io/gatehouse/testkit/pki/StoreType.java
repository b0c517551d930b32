package io.gatehouse.testkit.pki;

/** A format of key stores. */
public enum StoreType {
  PKCS12(".p12"),
  JKS(".jks");

  private final String ending;

  StoreType(String ending) {
    this.ending = ending;
  }

  String ending() {
    return ending;
  }
}
