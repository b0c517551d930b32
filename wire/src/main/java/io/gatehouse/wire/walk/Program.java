package io.gatehouse.wire.walk;

import io.gatehouse.wire.MalformedMessage;
import io.gatehouse.wire.schema.FieldKind;
import io.gatehouse.wire.schema.Layout;
import java.util.Set;

/**
 * The walk over one message version, as flat code. Immutable; shared by all sessions.
 *
 * <p>Code that lies behind the last field of interest is never run: the walker says it is finished
 * and the rest of the frame needs no look. The end of the last address is known too, so that a
 * frame whose addresses stand in front need not be held back until its end.
 */
public final class Program {

  // The instructions; their operands are given behind each name.
  static final int SKIP = 0; // bytes
  static final int FIXED = 1; // kind, width: a field of interest of 1, 2, 4, 8 or 16 bytes
  static final int STRING = 2; // kind: int16 length, -1 is null
  static final int COMPACT_STRING = 3; // kind: unsigned varint length + 1, 0 is null
  static final int BYTES = 4; // kind: int32 length, -1 is null
  static final int COMPACT_BYTES = 5; // kind: unsigned varint length + 1, 0 is null
  static final int ARRAY = 6; // smallest element, fixed element or 0, pc behind the loop
  static final int COMPACT_ARRAY = 7; // same
  static final int LOOP = 8; // the end of an array's body
  static final int NULLABLE = 9; // pc behind the struct: int8 marker, negative is null
  static final int TAGS =
      10; // n, n times (tag, pc, holds addresses), pc behind the bodies if n > 0
  static final int RETURN = 11; // the end of a tagged field's body
  static final int END = 12;
  static final int BEGIN = 13; // index of the path, form: an array or struct that is told of
  static final int ELEMENT = 14; // the beginning of an element of such an array
  static final int ELEMENT_END = 15;
  static final int ALL_END = 16; // the end of such an array or struct
  static final int LEAVE = 17; // behind it

  /** Its response always has the old header, so that any client can read it (KIP-511). */
  private static final int API_VERSIONS = 18;

  /** What stands between the correlation id and the body. */
  enum Header {
    NONE,
    REQUEST_V1,
    REQUEST_V2,
    RESPONSE_V1
  }

  final int[] code;
  final Depths depths;

  /** The paths of the arrays and structs that are told of. */
  private final String[] outlined;

  private final Layout layout;
  private final Ends ends;

  /**
   * How deep the walker's stacks must be.
   *
   * @param arrays arrays within arrays
   * @param tags tagged sections within tagged sections
   * @param outlined arrays and structs that are told of, within each other
   */
  record Depths(int arrays, int tags, int outlined) {}

  /**
   * Positions in the code, 0 where the message has no such field at all.
   *
   * @param interest behind the last that is told of
   * @param addresses behind the last host and port
   * @param edited behind the last field that may be replaced: an address, or an error message, the
   *     value of a configuration or a version if they are of interest
   * @param addressesInTail whether addresses stand in the closing tagged section only
   * @param addressArray the array that holds all addresses if it is the last plain field, else -1
   */
  record Ends(int interest, int addresses, int edited, boolean addressesInTail, int addressArray) {}

  Program(Layout layout, int[] code, String[] outlined, Depths depths, Ends ends) {
    this.layout = layout;
    this.code = code;
    this.outlined = outlined;
    this.depths = depths;
    this.ends = ends;
  }

  /** Compiles the walk over a message's body that stops at fields of these kinds. */
  public static Program compile(Layout layout, Set<FieldKind> interest) {
    return compile(layout, interest, Outline.NONE);
  }

  /** The same, and it stops where what {@code outline} names begins and ends. */
  public static Program compile(Layout layout, Set<FieldKind> interest, Outline outline) {
    return new ProgramCompiler(interest, outline).compile(layout, Header.NONE);
  }

  /**
   * The same for a request as it stands in its frame, from behind the correlation id: the client id
   * and, where the version is flexible, the header's tagged fields come first.
   */
  public static Program ofRequest(Layout layout, Set<FieldKind> interest) {
    return new ProgramCompiler(interest, Outline.NONE)
        .compile(layout, layout.flexible() ? Header.REQUEST_V2 : Header.REQUEST_V1);
  }

  /** The same for a response as it stands in its frame, from behind the correlation id. */
  public static Program ofResponse(Layout layout, Set<FieldKind> interest) {
    return ofResponse(layout, interest, Outline.NONE);
  }

  /** The same, and it stops where what {@code outline} names begins and ends. */
  public static Program ofResponse(Layout layout, Set<FieldKind> interest, Outline outline) {
    boolean tagged = layout.flexible() && layout.message().apiKey() != API_VERSIONS;
    return new ProgramCompiler(interest, outline)
        .compile(layout, tagged ? Header.RESPONSE_V1 : Header.NONE);
  }

  public Layout layout() {
    return layout;
  }

  /** Whether anything of interest stands in this message version. */
  public boolean isInteresting() {
    return ends.interest > 0;
  }

  /** Whether a host and port stand in this message version. */
  public boolean hasAddresses() {
    return ends.addresses > 0;
  }

  /**
   * Whether anything stands in it that may be replaced: a host and port or, if they are of
   * interest, an error message, the value of a configuration or a version.
   */
  public boolean isEdited() {
    return ends.edited > 0;
  }

  /**
   * Whether a client can do without the addresses: such a message can stream, its hints and the
   * texts that name addresses wiped out in place.
   */
  public boolean mayStream() {
    return !hasAddresses() || hasAddressesInTailOnly();
  }

  /**
   * Whether addresses stand in the tagged section that ends the message, or in the array before it,
   * and nowhere else: such a message can stream, its hints neutralised in place, instead of being
   * held back.
   */
  public boolean hasAddressesInTailOnly() {
    return ends.addressesInTail || ends.addressArray >= 0;
  }

  /** Where the table of the tagged section at {@code pc} names a tag, or -1. */
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
