package io.gatehouse.control.doc;

/** A text that cannot be parsed. The message says where and why, and is meant for users. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedException(int line, String why) {
    super("line " + line + ": " + why);
  }

  public MalformedException(String why) {
    super(why);
  }
}
