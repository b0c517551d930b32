@NullMarked
package io.gatehouse.testkit.aws;

import org.jspecify.annotations.NullMarked;
