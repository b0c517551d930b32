package io.gatehouse.app.config;

/** What belongs to one reading of a whole configuration. */
record Reading(NativeVariables variables, Problems problems, Listing listing) {}
