/** Tests of the validation of settings. */
@NullMarked
package io.gatehouse.gateway.settings;

import org.jspecify.annotations.NullMarked;
