@NullMarked
package io.gatehouse.auth.pool;

import org.jspecify.annotations.NullMarked;
