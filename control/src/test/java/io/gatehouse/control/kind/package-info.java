@NullMarked
package io.gatehouse.control.kind;

import org.jspecify.annotations.NullMarked;
