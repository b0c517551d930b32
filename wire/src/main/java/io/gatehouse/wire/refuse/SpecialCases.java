package io.gatehouse.wire.refuse;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Exceptions in Kafka's error responses ({@code getErrorResponse} of its request classes) that do
 * not follow from the definitions. Fields are named by their path, beginning with the response's
 * name.
 */
final class SpecialCases {

  /**
   * Arrays that are filled despite an error code above them, or although they contain none, with
   * the highest version that does so.
   */
  private static final Map<String, Integer> FILLED =
      Map.of(
          "FetchResponse.Responses",
          12, // from 13 on, by topic id, only the top-level code is set
          "MetadataResponse.Topics",
          Integer.MAX_VALUE,
          "ElectLeadersResponse.ReplicaElectionResults",
          Integer.MAX_VALUE,
          "AlterPartitionReassignmentsResponse.Responses",
          Integer.MAX_VALUE,
          "ListPartitionReassignmentsResponse.Topics",
          Integer.MAX_VALUE,
          "ListPartitionReassignmentsResponse.Topics.Partitions",
          Integer.MAX_VALUE,
          "DescribeUserScramCredentialsResponse.Results",
          Integer.MAX_VALUE,
          "AlterClientQuotasResponse.Entries.Entity",
          Integer.MAX_VALUE);

  /** Arrays that contain error codes but have no counterpart in the request. */
  private static final Set<String> EMPTY = Set.of("DescribeLogDirsResponse.Results");

  /**
   * The request's arrays for an array of the response, if not the one of the same name or the first
   * one.
   */
  private static final Map<String, List<String>> SOURCES =
      Map.of(
          "AlterUserScramCredentialsResponse.Results",
          List.of("Deletions", "Upsertions"),
          "AlterReplicaLogDirsResponse.Results",
          List.of("Dirs.Topics"));

  /** Fields that are copied from a request field of this name. */
  private static final Map<String, String> COPIED =
      Map.of(
          "FetchResponse.SessionId", "SessionId",
          "AlterUserScramCredentialsResponse.Results.User", "Name",
          "DescribeUserScramCredentialsResponse.Results.User", "Name",
          "AlterClientQuotasResponse.Entries.Entity.EntityType", "EntityType",
          "AlterClientQuotasResponse.Entries.Entity.EntityName", "EntityName");

  private SpecialCases() {}

  static boolean isFilled(String array, int version) {
    return version <= FILLED.getOrDefault(array, -1);
  }

  static boolean isEmpty(String array) {
    return EMPTY.contains(array);
  }

  /**
   * The paths of the request's arrays, with dots between nested ones; empty if the default applies.
   */
  static List<String> sources(String array) {
    return SOURCES.getOrDefault(array, List.of());
  }

  /** The name of the request's field to copy from; empty if none is listed. */
  static String copiedFrom(String field) {
    return COPIED.getOrDefault(field, "");
  }
}
