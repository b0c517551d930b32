package io.gatehouse.testkit.pki;

/** A kind of key store file. */
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
