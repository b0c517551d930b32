@NullMarked
package io.gatehouse.testkit.broker;

import org.jspecify.annotations.NullMarked;
