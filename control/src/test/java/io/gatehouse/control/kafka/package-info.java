@NullMarked
package io.gatehouse.control.kafka;

import org.jspecify.annotations.NullMarked;
