package io.gatehouse.app.config;

import java.util.regex.Pattern;

/**
 * Recognizes the variables that Kubernetes sets in a pod for each service of its namespace. A
 * service named {@code gateway} or {@code kafka} causes {@code GATEWAY_SERVICE_HOST} or {@code
 * KAFKA_PORT}, which are not meant as configuration.
 */
public final class ServiceLinks {

  private static final Pattern BY_NAME =
      Pattern.compile(
          ".*_SERVICE_HOST|.*_SERVICE_PORT(_.*)?|.*_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?");
  private static final Pattern URL = Pattern.compile("(tcp|udp|sctp)://.*");

  private ServiceLinks() {}

  public static boolean isServiceLink(String name, String value) {
    return BY_NAME.matcher(name).matches()
        || (name.endsWith("_PORT") && URL.matcher(value).matches());
  }
}
