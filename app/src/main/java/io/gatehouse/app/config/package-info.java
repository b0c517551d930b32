/**
 * Reads the configuration. Every source (YAML file, variables, flags) is converted to a tree of
 * {@link io.gatehouse.app.config.Node}s with their origins. The trees are merged by precedence, and
 * {@link io.gatehouse.app.config.SettingsBinder} converts the result to typed settings. Every
 * source can therefore set every key, every problem has a location, and the effective configuration
 * can be shown with the origin of each value.
 */
@NullMarked
package io.gatehouse.app.config;

import org.jspecify.annotations.NullMarked;
