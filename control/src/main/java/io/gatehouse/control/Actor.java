package io.gatehouse.control;

/**
 * Who makes a change.
 *
 * @param name of the user
 */
public record Actor(String name, Rights rights) {

  /** The gateway itself. */
  public static final Actor GATEWAY = new Actor("gateway", Rights.ADMIN);
}
