package io.gatehouse.control.kind;

import io.gatehouse.control.doc.Value;
import java.util.List;

/** The parts of a document that all kinds have. */
record Parts(Problems problems, Fields root, Fields metadata, Fields spec) {

  /** Reads kind and version, and begins the other parts. */
  static Parts of(Value document, Kind kind) {
    Problems problems = new Problems();
    Fields root = Fields.of(document, problems);
    root.constant("kind", kind.labels());
    root.constant("apiVersion", List.of(kind.version()));
    return new Parts(problems, root, root.object("metadata"), root.object("spec"));
  }

  /**
   * Reports unknown fields.
   *
   * @throws InvalidException with all that is wrong
   */
  void end() throws InvalidException {
    metadata.close();
    spec.close();
    root.close();
    problems.requireNone();
  }
}
