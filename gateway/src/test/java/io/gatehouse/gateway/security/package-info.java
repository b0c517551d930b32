/** Who gets in, and as whom brokers see them: every combination of both sides. */
package io.gatehouse.gateway.security;
