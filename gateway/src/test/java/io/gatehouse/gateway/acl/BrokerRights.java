package io.gatehouse.gateway.acl;

import io.gatehouse.testkit.BrokerClasses;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The operations and types of resources that the code of Kafka's brokers and controllers mentions
 * for each API. The methods that handle an API are recognised by their names.
 */
final class BrokerRights {

  private static final String OPERATION = "org/apache/kafka/common/acl/AclOperation";
  private static final String TYPE = "org/apache/kafka/common/resource/ResourceType";

  private static final List<String> CLASSES =
      List.of(
          "kafka/server/KafkaApis",
          "kafka/server/ControllerApis",
          "kafka/server/AclApis",
          "kafka/server/ConfigHelper",
          "kafka/server/handlers/DescribeTopicPartitionsRequestHandler",
          "org/apache/kafka/server/AuthHelper");

  /** For instance {@code $anonfun$handleFetchRequest$3} and {@code lambda$handleFetchRequest$3}. */
  private static final Pattern METHOD =
      Pattern.compile("(?:\\$anonfun\\$|lambda\\$)?(?:handle)?(\\w+?)(?:Request)?(?:\\$\\d+)?");

  /** Methods that are not named after their APIs; no API for none that a client reaches. */
  private static final Map<String, List<String>> NAMES =
      Map.ofEntries(
          Map.entry("TopicMetadata", List.of("Metadata")),
          Map.entry("ListOffset", List.of("ListOffsets")),
          Map.entry("fetchOffsetsForGroup", List.of("OffsetFetch")),
          Map.entry("fetchAllOffsetsForGroup", List.of("OffsetFetch")),
          Map.entry("getCoordinator", List.of("FindCoordinator")),
          Map.entry("CreateToken", List.of("CreateDelegationToken")),
          Map.entry("authorizeToken", List.of("DescribeDelegationToken")),
          Map.entry("authorizeRequester", List.of("DescribeDelegationToken")),
          Map.entry("describeShareGroupOffsetsForGroup", List.of("DescribeShareGroupOffsets")),
          Map.entry("describeShareGroupAllOffsetsForGroup", List.of("DescribeShareGroupOffsets")),
          Map.entry("filterAlterAuthorizedTopics", List.of("CreatePartitions")),
          Map.entry("authorizeAlterResource", List.of("AlterConfigs", "IncrementalAlterConfigs")),
          Map.entry("BrokerHeartBeat", List.of("BrokerHeartbeat")),
          Map.entry("computeDescribeClusterResponse", List.of("DescribeCluster")));

  /** What only the listeners of controllers demand. */
  private static final Map<String, Set<String>> OF_CONTROLLERS =
      Map.of(
          "DescribeCluster", Set.of("ALTER"),
          "IncrementalAlterConfigs", Set.of("CLUSTER_ACTION"));

  private BrokerRights() {}

  static Map<String, Set<String>> read() throws IOException {
    Map<String, Set<String>> rights = new TreeMap<>();
    try (BrokerClasses classes = BrokerClasses.load()) {
      for (String name : CLASSES) {
        try (InputStream in = classes.getResourceAsStream(name + ".class")) {
          ClassModel model = ClassFile.of().parse(Objects.requireNonNull(in, name).readAllBytes());
          for (MethodModel method : model.methods()) {
            Set<String> found = found(method, name.endsWith("ControllerApis"));
            for (String api : apis(method.methodName().stringValue())) {
              if (!found.isEmpty()) {
                rights.computeIfAbsent(api, _ -> new TreeSet<>()).addAll(found);
              }
            }
          }
        }
      }
    }
    return rights;
  }

  private static List<String> apis(String method) {
    Matcher matcher = METHOD.matcher(method);
    if (!matcher.matches()) {
      return List.of();
    }
    return NAMES.getOrDefault(matcher.group(1), List.of(matcher.group(1)));
  }

  private static Set<String> found(MethodModel method, boolean ofController) {
    Set<String> found = new HashSet<>();
    method
        .code()
        .ifPresent(code ->
            code.forEach(element -> {
              if (element instanceof FieldInstruction field) {
                String owner = field.owner().asInternalName();
                if (owner.equals(OPERATION) || owner.equals(TYPE)) {
                  found.add(field.name().stringValue());
                }
              }
            }));
    found.remove("CLUSTER");
    if (ofController) {
      for (String api : apis(method.methodName().stringValue())) {
        found.removeAll(OF_CONTROLLERS.getOrDefault(api, Set.of()));
      }
    }
    return found;
  }
}
