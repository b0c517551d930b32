@NullMarked
package io.gatehouse.testkit.pki;

import org.jspecify.annotations.NullMarked;
