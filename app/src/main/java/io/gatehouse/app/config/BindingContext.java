package io.gatehouse.app.config;

import java.util.ArrayList;
import java.util.List;

/**
 * The state that all sections share while a configuration is read.
 *
 * @param fileChecks checks of files that are otherwise opened only at the start; each adds the
 *     problems it finds
 */
record BindingContext(
    NativeVariables variables, Problems problems, Listing listing, List<Runnable> fileChecks) {

  BindingContext(NativeVariables variables, Problems problems, Listing listing) {
    this(variables, problems, listing, new ArrayList<>());
  }
}
