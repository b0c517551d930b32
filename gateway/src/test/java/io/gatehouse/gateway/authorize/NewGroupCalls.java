package io.gatehouse.gateway.authorize;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Requests about groups of KIP-848, KIP-932 and KIP-1071. */
final class NewGroupCalls {

  private static final String NOBODY = "nobody";

  private final Choices choose;
  private final Map<Integer, Consumer<CallBody>> fillers = new TreeMap<>();

  NewGroupCalls(Choices choose) {
    this.choose = choose;
    newGroups();
  }

  /** What fills the requests of each API. */
  Map<Integer, Consumer<CallBody>> fillers() {
    return fillers;
  }

  private void api(int api, Consumer<CallBody> filler) {
    fillers.put(api, filler);
  }

  private void newGroups() {
    api(
        68,
        body ->
            body.set("GroupId", choose.group())
                .set("MemberId", NOBODY)
                .set("MemberEpoch", 7)
                .set("RebalanceTimeoutMs", -1)
                .set("SubscribedTopicNames", choose.rarely() ? null : choose.someTopics()));
    for (int api : new int[] {69, 77, 89}) {
      api(
          api,
          body ->
              body.set("GroupIds", choose.someGroups())
                  .set("IncludeAuthorizedOperations", choose.random().nextBoolean()));
    }
    api(
        76,
        body ->
            body.set("GroupId", choose.group())
                .set("MemberId", NOBODY)
                .set("MemberEpoch", 7)
                .set("SubscribedTopicNames", choose.rarely() ? null : choose.someTopics()));
    api(
        78,
        body -> {
          body.set("GroupId", choose.group()).set("MemberId", NOBODY).set("ShareSessionEpoch", 3);
          choose.addTopics(body, "Topics", "TopicId", topic -> topic.add("Partitions"));
        });
    api(
        79,
        body -> {
          body.set("GroupId", choose.group()).set("MemberId", NOBODY).set("ShareSessionEpoch", 3);
          choose.addTopics(body, "Topics", "TopicId", topic -> topic.add("Partitions"));
        });
    for (int api = 83; api <= 87; api++) {
      api(
          api,
          body ->
              body.set("GroupId", "gx")
                  .add("Topics")
                  .set("TopicId", choose.world().topicId("ax"))
                  .add("Partitions"));
    }
    api(
        88,
        body -> {
          body.set("GroupId", choose.group())
              .set("MemberId", NOBODY)
              .set("MemberEpoch", 7)
              .set("RebalanceTimeoutMs", -1)
              .set("ActiveTasks", null)
              .set("StandbyTasks", null)
              .set("WarmupTasks", null);
        });
    api(
        90,
        body -> {
          for (String group : choose.someGroups()) {
            CallBody added = body.add("Groups").set("GroupId", group).set("Topics", null);
            if (!choose.rarely()) {
              choose.addTopics(
                  added, "Topics", "TopicName", topic -> Choices.partitions(topic, "Partitions"));
            }
          }
        });
    api(
        91,
        body -> {
          // A group that is not there would begin to exist.
          String group = choose.group();
          body.set("GroupId", group.endsWith("x") ? World.SHARE_GROUP : group);
          choose.addTopics(body, "Topics", "TopicName", topic -> topic.add("Partitions"));
        });
    api(
        92,
        body -> {
          String group = choose.group();
          body.set("GroupId", group);
          if (group.equals(World.SHARE_GROUP)) {
            body.add("Topics").set("TopicName", "ax");
          } else {
            choose.addTopics(body, "Topics", "TopicName", Choices::noBody);
          }
        });
  }
}
