@NullMarked
package io.gatehouse.testkit.ldap;

import org.jspecify.annotations.NullMarked;
