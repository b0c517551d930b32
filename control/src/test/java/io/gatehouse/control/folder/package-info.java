@NullMarked
package io.gatehouse.control.folder;

import org.jspecify.annotations.NullMarked;
