package io.gatehouse.control.doc;

/** A text that is no document. Its message says where and why, for people. */
public final class MalformedException extends Exception {
  private static final long serialVersionUID = 1;

  MalformedException(int line, String why) {
    super("line " + line + ": " + why);
  }

  MalformedException(String why) {
    super(why);
  }
}
