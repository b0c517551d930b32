@NullMarked
package io.gatehouse.testkit.oidc;

import org.jspecify.annotations.NullMarked;
