/**
 * From many sources to one typed configuration. Every source (a YAML file, variables, flags) is
 * turned into the same tree of {@link io.gatehouse.app.config.Node}s, each of which knows where it
 * came from; the trees are laid over each other by precedence; and {@link
 * io.gatehouse.app.config.SettingsBinder} reads the result once. So every source reaches every
 * setting, every problem names its place, and the effective configuration can be shown with the
 * origin of each value.
 */
@NullMarked
package io.gatehouse.app.config;

import org.jspecify.annotations.NullMarked;
