package io.gatehouse.wire.refuse;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where Kafka's own error responses ({@code getErrorResponse} of its request classes) do not follow
 * from the definitions. Fields are named by their path from the response's name on.
 */
final class SpecialCases {

  /**
   * Arrays that are filled although an error code above them says it all, or although they hold
   * none, with the highest version in which they are.
   */
  private static final Map<String, Integer> FILLED =
      Map.of(
          "FetchResponse.Responses",
          12, // from 13 on, by topic id, only the code on top is set
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

  /** Arrays that hold error codes and have no counterpart in the request. */
  private static final Set<String> EMPTY = Set.of("DescribeLogDirsResponse.Results");

  /** The request's arrays that fill one of the response, where it is not the obvious one. */
  private static final Map<String, List<String>> SOURCES =
      Map.of(
          "AlterUserScramCredentialsResponse.Results",
          List.of("Deletions", "Upsertions"),
          "AlterReplicaLogDirsResponse.Results",
          List.of("Dirs.Topics"));

  /** Fields that are copied from the request's field of this name though nothing else says so. */
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

  /** Names of the request's arrays, one in another with a dot between; empty for the obvious. */
  static List<String> sources(String array) {
    return SOURCES.getOrDefault(array, List.of());
  }

  /** The name of the request's field that a field is copied from, empty where none is listed. */
  static String copiedFrom(String field) {
    return COPIED.getOrDefault(field, "");
  }
}
