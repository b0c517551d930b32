/**
 * The commands and variables of the pages that users come from, run as they stand: the program as a
 * process, real brokers behind it, real clients before it. Only hosts, ports, files and accounts
 * are put in.
 */
@NullMarked
package io.gatehouse.app.seeds;

import org.jspecify.annotations.NullMarked;
