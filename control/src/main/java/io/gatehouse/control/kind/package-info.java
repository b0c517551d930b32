/**
 * The kinds of resources, one record each, and what is valid of them. {@link
 * io.gatehouse.control.kind.Kind} lists them. A resource is read from a document whole: all that is
 * wrong is found at once, each with its path. Whether what it refers to exists is not asked here.
 */
@NullMarked
package io.gatehouse.control.kind;

import org.jspecify.annotations.NullMarked;
