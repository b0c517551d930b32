/** Tests of the HTTP server over real connections. */
@NullMarked
package io.gatehouse.http;

import org.jspecify.annotations.NullMarked;
