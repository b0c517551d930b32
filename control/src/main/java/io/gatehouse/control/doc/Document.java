package io.gatehouse.control.doc;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Parses JSON and YAML documents. */
public final class Document {

  /** Maximum nesting: more than any resource needs, and safe for the stack. */
  static final int DEEPEST = 32;

  /** Maximum length of a number, as JSON writes it. */
  static final int LONGEST_NUMBER = 100;

  /** Maximum length of a file in bytes. HTTP bodies have a lower limit. */
  static final int MAX_CHARACTERS = 64 << 20;

  /** Maximum number of values in one document. Each takes about 100 bytes. */
  private static final int MAX_VALUES = 50_000;

  /** The same for several documents together. */
  private static final int MAX_VALUES_OF_SEVERAL = 100_000;

  /** The syntax of a document. */
  public enum Form {
    JSON,
    YAML
  }

  private Document() {}

  /**
   * Parses a UTF-8 text with exactly one document.
   *
   * @throws MalformedException when it is not one, or holds something that is refused anywhere
   */
  public static Value read(byte[] bytes, Form form) throws MalformedException {
    String text = decode(bytes);
    if (form == Form.JSON) {
      return Json.read(text, MAX_VALUES);
    }
    List<Value> documents = Yaml.read(text, MAX_VALUES);
    if (documents.size() != 1) {
      throw new MalformedException(
          documents.isEmpty() ? "there is nothing" : "there are several documents; give one");
    }
    return documents.getFirst();
  }

  /**
   * Parses a body of several documents, with a limit on its values.
   *
   * @throws MalformedException as above
   */
  public static List<Value> readSeveral(byte[] bytes, Form form) throws MalformedException {
    return readSeveral(bytes, form, MAX_VALUES_OF_SEVERAL);
  }

  /**
   * Parses all documents of a UTF-8 text: those of a YAML text, where an empty text has none, or
   * the items of a JSON array, or one other JSON value.
   *
   * @throws MalformedException as above
   */
  public static List<Value> readAll(byte[] bytes, Form form) throws MalformedException {
    return readSeveral(bytes, form, Integer.MAX_VALUE);
  }

  /** The same for YAML. */
  public static List<Value> readAll(byte[] bytes) throws MalformedException {
    return readAll(bytes, Form.YAML);
  }

  private static List<Value> readSeveral(byte[] bytes, Form form, int most)
      throws MalformedException {
    if (form == Form.YAML) {
      return Yaml.read(decode(bytes), most);
    }
    Value value = Json.read(decode(bytes), most);
    return value instanceof Value.Items list ? list.items() : List.of(value);
  }

  static String tooMany(int most) {
    return "it has more than " + most + " values";
  }

  private static String decode(byte[] bytes) throws MalformedException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("it is not UTF-8 text");
    }
  }
}
