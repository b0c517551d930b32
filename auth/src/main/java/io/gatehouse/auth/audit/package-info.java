/**
 * Events of the audit log for programs to read: who has logged in, was refused, or has changed
 * something. {@link io.gatehouse.auth.audit.AuditEvents} passes them on where a process wants them.
 */
@NullMarked
package io.gatehouse.auth.audit;

import org.jspecify.annotations.NullMarked;
