@NullMarked
package io.gatehouse.control.store;

import org.jspecify.annotations.NullMarked;
