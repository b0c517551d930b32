package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import java.util.Set;

/**
 * A walk over one message version, compiled to a flat instruction array. Immutable; shared by all
 * sessions.
 *
 * <p>Instructions after the last field of interest are not executed: the walker reports the end,
 * and the rest of the frame is not read. The end of the last address is known as well, so that a
 * frame is held back only up to there.
 */
public final class Program {

  // The instructions, with their operands.
  static final int SKIP = 0; // bytes
  static final int FIXED = 1; // kind, width: a field of interest of 1, 2, 4, 8 or 16 bytes
  static final int STRING = 2; // kind: int16 length, -1 is null
  static final int COMPACT_STRING = 3; // kind: unsigned varint length + 1, 0 is null
  static final int BYTES = 4; // kind: int32 length, -1 is null
  static final int COMPACT_BYTES = 5; // kind: unsigned varint length + 1, 0 is null
  static final int ARRAY = 6; // smallest element, fixed element or 0, pc after the loop
  static final int COMPACT_ARRAY = 7; // same
  static final int LOOP = 8; // the end of an array's body
  static final int NULLABLE = 9; // pc after the struct: int8 marker, negative is null
  static final int TAGS =
      10; // n, n times (tag, pc, contains addresses), pc after the bodies if n > 0
  static final int RETURN = 11; // the end of a tagged field's body
  static final int END = 12;
  static final int BEGIN = 13; // index of the path, form: begins an outlined array or struct
  static final int ELEMENT = 14; // begins an element of an outlined array
  static final int ELEMENT_END = 15;
  static final int ALL_END = 16; // ends an outlined array or struct
  static final int LEAVE = 17; // leaves an outlined array or struct

  /**
   * ApiVersions, whose response always has header version 0, so that any client can read it
   * (KIP-511).
   */
  private static final int API_VERSIONS = 18;

  /** The part of the header between the correlation id and the body. */
  enum Header {
    NONE,
    REQUEST_V1,
    REQUEST_V2,
    RESPONSE_V1
  }

  final int[] code;
  final Depths depths;

  /** The paths of the outlined arrays and structs. */
  private final String[] outlined;

  private final Layout layout;
  private final Ends ends;

  /**
   * The depths of the walker's stacks.
   *
   * @param arrays nested arrays
   * @param tags nested tagged sections
   * @param outlined nested outlined arrays and structs
   */
  record Depths(int arrays, int tags, int outlined) {}

  /**
   * Ends of parts of the program, as instruction indices; 0 if the message has no such part.
   *
   * @param interest after the last field of interest or outlined field
   * @param addresses after the last host and port
   * @param edited after the last field that may be replaced: an address, or an error message, a
   *     configuration's value or a version if they are of interest
   * @param addressesInTail whether addresses are in the closing tagged section only
   * @param addressArray the array that contains all addresses if it is the last plain field, else
   *     -1
   */
  record Ends(int interest, int addresses, int edited, boolean addressesInTail, int addressArray) {}

  Program(Layout layout, int[] code, String[] outlined, Depths depths, Ends ends) {
    this.layout = layout;
    this.code = code;
    this.outlined = outlined;
    this.depths = depths;
    this.ends = ends;
  }

  /** Compiles a walk over a message's body that reports fields of these kinds. */
  public static Program compile(Layout layout, Set<FieldKind> interest) {
    return compile(layout, interest, Outline.NONE);
  }

  /** Compiles a walk that also reports the outlined arrays and structs. */
  public static Program compile(Layout layout, Set<FieldKind> interest, Outline outline) {
    return new ProgramCompiler(interest, outline).compile(layout, Header.NONE);
  }

  /**
   * Compiles a walk over a request that begins after the correlation id, with the client id and, in
   * flexible versions, the header's tagged fields.
   */
  public static Program ofRequest(Layout layout, Set<FieldKind> interest) {
    return ofRequest(layout, interest, Outline.NONE);
  }

  /** Compiles a walk over a request that also reports the outlined arrays and structs. */
  public static Program ofRequest(Layout layout, Set<FieldKind> interest, Outline outline) {
    return new ProgramCompiler(interest, outline)
        .compile(layout, layout.flexible() ? Header.REQUEST_V2 : Header.REQUEST_V1);
  }

  /** Compiles a walk over a response that begins after the correlation id. */
  public static Program ofResponse(Layout layout, Set<FieldKind> interest) {
    return ofResponse(layout, interest, Outline.NONE);
  }

  /** Compiles a walk over a response that also reports the outlined arrays and structs. */
  public static Program ofResponse(Layout layout, Set<FieldKind> interest, Outline outline) {
    boolean tagged = layout.flexible() && layout.message().apiKey() != API_VERSIONS;
    return new ProgramCompiler(interest, outline)
        .compile(layout, tagged ? Header.RESPONSE_V1 : Header.NONE);
  }

  public Layout layout() {
    return layout;
  }

  /** Whether this message version contains anything of interest. */
  public boolean isInteresting() {
    return ends.interest > 0;
  }

  /** Whether this message version contains a host and port. */
  public boolean hasAddresses() {
    return ends.addresses > 0;
  }

  /**
   * Whether it contains anything that may be replaced: a host and port or, if they are of interest,
   * an error message, a configuration's value or a version.
   */
  public boolean isEdited() {
    return ends.edited > 0;
  }

  /**
   * Whether clients can do without the addresses, so that the message can stream while its address
   * hints and the error messages that contain addresses are overwritten in place.
   */
  public boolean mayStream() {
    return !hasAddresses() || hasAddressesInTailOnly();
  }

  /**
   * Whether all addresses are in the closing tagged section or the array before it. Such a message
   * can stream while its hints are neutralised in place.
   */
  public boolean hasAddressesInTailOnly() {
    return ends.addressesInTail || ends.addressArray >= 0;
  }

  /** Index of a tag's entry in the table of the tagged section at {@code pc}, or -1. */
  int tagEntry(int pc, long tag) {
    int known = code[pc + 1];
    for (int i = 0; i < known; i++) {
      int entry = pc + 2 + 3 * i;
      if (code[entry] == tag) {
        return entry;
      }
    }
    return -1;
  }

  String outlined(int id) {
    return outlined[id];
  }

  MalformedMessage malformed(String what, int position) {
    return new MalformedMessage(this + ": " + what, position);
  }

  int addressArray() {
    return ends.addressArray;
  }

  int interestEnd() {
    return ends.interest;
  }

  int editedEnd() {
    return ends.edited;
  }

  @Override
  public String toString() {
    return layout.message().name() + " v" + layout.version();
  }
}
