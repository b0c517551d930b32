package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.List;

/**
 * What belongs to one reading of a whole configuration.
 *
 * @param looks at files that a start opens, and that reading leaves alone; each adds the problems
 *     it finds
 */
record Reading(
    NativeVariables variables, Problems problems, Listing listing, List<Runnable> looks) {

  Reading(NativeVariables variables, Problems problems, Listing listing) {
    this(variables, problems, listing, new ArrayList<>());
  }
}
