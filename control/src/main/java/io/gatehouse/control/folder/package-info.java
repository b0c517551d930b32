/**
 * Files of resources, which people write: those of a folder that the gateway applies itself, and
 * those of the command line. Each document is known by its file and line.
 */
@NullMarked
package io.gatehouse.control.folder;

import org.jspecify.annotations.NullMarked;
