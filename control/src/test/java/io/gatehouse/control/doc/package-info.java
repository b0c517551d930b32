@NullMarked
package io.gatehouse.control.doc;

import org.jspecify.annotations.NullMarked;
