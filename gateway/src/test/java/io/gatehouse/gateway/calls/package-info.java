/**
 * Counts calls between classes of the data plane for one request, as a measure of its complexity.
 * Classes are loaded once more with a counter before every such call.
 */
@NullMarked
package io.gatehouse.gateway.calls;

import org.jspecify.annotations.NullMarked;
