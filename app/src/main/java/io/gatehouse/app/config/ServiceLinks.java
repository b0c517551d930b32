package io.gatehouse.app.config;

import java.util.regex.Pattern;

/**
 * Kubernetes gives a pod variables for each service of its namespace. A service called {@code
 * gateway} or {@code kafka} so makes {@code GATEWAY_SERVICE_HOST} or {@code KAFKA_PORT}, which
 * nobody meant as configuration.
 */
public final class ServiceLinks {

  private static final Pattern BY_NAME =
      Pattern.compile(
          ".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");
  private static final Pattern URL = Pattern.compile("(tcp|udp|sctp)://.*");

  private ServiceLinks() {}

  public static boolean isOne(String name, String value) {
    return BY_NAME.matcher(name).matches()
        || (name.endsWith("_PORT") && URL.matcher(value).matches());
  }
}
