/**
 * Documents as people and programs write them: JSON (RFC 8259) and YAML 1.2, read into one tree
 * that knows the line of each value and tells an absent field from one that is {@code null}. What a
 * document could do harm with is refused: depth, duplicate keys, YAML's tags, anchors and aliases.
 */
@NullMarked
package io.gatehouse.control.doc;

import org.jspecify.annotations.NullMarked;
