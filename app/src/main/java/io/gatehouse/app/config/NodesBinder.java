package io.gatehouse.app.config;

import io.gatehouse.app.config.AppSettings.Nodes;

/** Reads {@code nodes}: this process as one of several gateway nodes. */
final class NodesBinder {

  private static final int MAX_ID = 200;
  private static final int MAX_TEXT = 255;

  private NodesBinder() {}

  static Nodes read(Section section) {
    String id =
        section.optionalText(
            "id", "the name of the machine and the first listening port", NodesBinder::id);
    String rack = section.optionalText("rack", "unknown", NodesBinder::text);
    String group =
        section.optionalText("group", "named after the topic of the store", NodesBinder::text);
    boolean loadBalancing = section.flag("loadBalancing", true);
    return section.make(() -> new Nodes(id, rack, group, loadBalancing), () -> Nodes.DEFAULT);
  }

  private static String id(String text) {
    if (!text.matches("[A-Za-z0-9._-]{1," + MAX_ID + "}")) {
      throw new IllegalArgumentException(
          "'%s' is no node id: it may have up to %d letters, digits, dots, dashes and underscores"
              .formatted(text, MAX_ID));
    }
    return text;
  }

  private static String text(String text) {
    if (text.isBlank() || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          "it must have between 1 and %d characters".formatted(MAX_TEXT));
    }
    return text;
  }
}
