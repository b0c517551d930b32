@NullMarked
package io.gatehouse.control;

import org.jspecify.annotations.NullMarked;
