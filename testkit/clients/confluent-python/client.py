#!/usr/bin/python3
"""confluent-kafka-python over the system's librdkafka."""

import json
import logging
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource
from scenario import PARTITIONS, Record, await_until, cannot, check, check_equal, check_records, records, run, saw
from topic import Topic

PARTITION_IDS = range(PARTITIONS)


def note_stats(text):
    """The statistics name every broker, coordinators too; those learned from a response have a node id."""
    for broker in json.loads(text)["brokers"].values():
        if broker["nodeid"] >= 0 or broker["source"] == "logical":
            host, _, port = broker["nodename"].rpartition(":")
            if port not in ("", "0"):
                saw(host, port)


def config(bootstrap, **more):
    base = {"bootstrap.servers": bootstrap, "client.id": "confluent-python"}
    base.update({"statistics.interval.ms": 200, "stats_cb": note_stats})
    base.update({key.replace("_", "."): value for key, value in more.items()})
    return base


def send(producer, topic, wanted, **more):
    failures = []
    for r in wanted:
        producer.produce(
            topic, partition=r.partition, key=r.key, value=r.value, headers=r.headers,
            on_delivery=lambda error, _: error and failures.append(error), **more)
    check_equal("records left unsent", producer.flush(20), 0)
    check(not failures, f"{len(failures)} deliveries failed, first: {failures[:1]}")


def poll(consumer, got):
    """Adds what comes within a short time to got."""
    for message in consumer.consume(200, timeout=0.2):
        if message.error():
            raise KafkaException(message.error())
        got.append(Record(message.partition(), message.key(), message.value(), message.headers()))
    return got


def read_all(bootstrap, topic, count, **more):
    """Reads count records from the start of every partition, without joining a group."""
    consumer = Consumer(config(bootstrap, group_id=f"{topic}-unused", enable_auto_commit=False, **more))
    consumer.assign([TopicPartition(topic, p, 0) for p in PARTITION_IDS])
    got = []
    await_until(f"{count} records of {topic}", lambda: len(poll(consumer, got)) >= count)
    consumer.close()
    return got


def ends(bootstrap, topic):
    consumer = Consumer(config(bootstrap, group_id=f"{topic}-unused"))
    marks = [consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10) for p in PARTITION_IDS]
    consumer.close()
    return marks


def admin(bootstrap, name):
    with Topic(bootstrap, name):
        client = AdminClient(config(bootstrap))
        await_until("the new topic is listed", lambda: name in client.list_topics(timeout=10).topics)
        cluster = client.list_topics(timeout=10)
        check(cluster.cluster_id, "no cluster id")
        check(cluster.controller_id in cluster.brokers, "the controller is not among the brokers")
        for p in cluster.topics[name].partitions.values():
            check(p.leader in cluster.brokers, f"partition {p.id} has leader {p.leader}, not a listed broker")
        resource = ConfigResource("topic", name, set_config={"retention.ms": "123456"})
        client.alter_configs([resource])[resource].result(20)
        read = ConfigResource("topic", name)

        def altered():
            return client.describe_configs([read])[read].result(20)["retention.ms"].value == "123456"

        await_until("retention.ms=123456", altered)
        client.list_groups(timeout=10)
    await_until("topic gone", lambda: name not in client.list_topics(timeout=10).topics)


class Complaints(logging.Handler):
    """Keeps librdkafka's word that it sends plain batches, which it does without an error where ApiVersions does not
    offer Produce v0 (KAFKA-18659)."""

    def __init__(self):
        super().__init__()
        self.found = []

    def emit(self, line):
        if "not compressing" in line.getMessage():
            self.found.append(line.getMessage())


def produce_consume(bootstrap, name):
    wanted = records(0, 1000)
    complaints = Complaints()
    logger = logging.getLogger("producer")
    logger.addHandler(complaints)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    with Topic(bootstrap, name):
        for codec, part in (("gzip", wanted[:500]), ("zstd", wanted[500:])):
            settings = config(bootstrap, acks="all", compression_type=codec, linger_ms=20, debug="msg")
            producer = Producer(settings, logger=logger)
            send(producer, name, part)
            producer.poll(0.2)
        check(not complaints.found, f"records left uncompressed: {complaints.found[:1]}")
        check_records(read_all(bootstrap, name, 1000), wanted)


def group(bootstrap, name):
    with Topic(bootstrap, name):
        producer = Producer(config(bootstrap))

        def member():
            consumer = Consumer(config(
                bootstrap, group_id=f"{name}-group", auto_offset_reset="earliest",
                enable_auto_commit=False, session_timeout_ms=10000))
            consumer.subscribe([name])
            return consumer

        members, got = [member(), member()], []

        def shared():
            for consumer in members:
                poll(consumer, got)
            parts = [[t.partition for t in consumer.assignment()] for consumer in members]
            return all(parts) and sorted(sum(parts, [])) == list(PARTITION_IDS)

        await_until("both members own partitions", shared)
        first = records(0, 300)
        send(producer, name, first)
        await_until("300 records", lambda: [poll(c, got) for c in members] and len(got) >= 300)
        check_records(got, first)
        for consumer in members:
            consumer.commit(asynchronous=False)
        for consumer in members:
            consumer.close()
        second = records(300, 60)
        send(producer, name, second)
        third, rest = member(), []
        await_until("60 records", lambda: len(poll(third, rest)) >= 60)
        check_records(rest, second)
        third.close()


def transactions(bootstrap, name):
    with Topic(bootstrap, name):
        producer = Producer(config(bootstrap, transactional_id=f"{name}-txn"))
        producer.init_transactions(20)
        committed, aborted, final = records(0, 30), records(30, 30), records(60, 3)
        producer.begin_transaction()
        send(producer, name, committed)
        producer.commit_transaction(20)
        producer.begin_transaction()
        send(producer, name, aborted)
        producer.abort_transaction(20)
        consumer = Consumer(config(bootstrap, group_id=f"{name}-group"))
        producer.begin_transaction()
        send(producer, name, final)
        offsets = [TopicPartition(name, p, 10) for p in PARTITION_IDS]
        producer.send_offsets_to_transaction(offsets, consumer.consumer_group_metadata(), 20)
        producer.commit_transaction(20)
        stored = consumer.committed([TopicPartition(name, p) for p in PARTITION_IDS], timeout=20)
        check_equal("offsets of the transaction", [t.offset for t in stored], [10] * PARTITIONS)
        consumer.close()
        check_records(read_all(bootstrap, name, 33, isolation_level="read_committed"), committed + final)
        everything = read_all(bootstrap, name, 63, isolation_level="read_uncommitted")
        check_records(everything, committed + aborted + final)


def offsets(bootstrap, name):
    with Topic(bootstrap, name):
        producer, start = Producer(config(bootstrap)), 1_700_000_000_000
        for i, record in enumerate(records(0, 30)):  # ten a partition, three seconds apart
            send(producer, name, [record], timestamp=start + i * 1000)
        check_equal("earliest and latest", ends(bootstrap, name), [(0, 10)] * PARTITIONS)
        consumer = Consumer(config(bootstrap, group_id=f"{name}-unused"))

        def at(time):
            asked = [TopicPartition(name, p, time) for p in PARTITION_IDS]
            return [t.offset for t in consumer.offsets_for_times(asked, timeout=10)]

        check_equal("offsets at 16 s", at(start + 16_000), [6, 5, 5])
        check_equal("offsets after the last", at(start + 99_000), [-1] * PARTITIONS)
        consumer.close()


def acks0(bootstrap, name):
    with Topic(bootstrap, name):
        unacknowledged = Producer(config(bootstrap, acks=0))
        send(unacknowledged, name, records(0, 100))
        # acks is fixed per producer here, so the first one proves with a metadata request that its
        # connection still answers in order, and a second one sends the rest.
        check(name in unacknowledged.list_topics(name, timeout=10).topics, "no metadata after acks=0")
        send(Producer(config(bootstrap, acks=1)), name, records(100, 100))
        await_until("200 records", lambda: sum(high for _, high in ends(bootstrap, name)) == 200)


run({
    "admin": admin,
    "produce-consume": produce_consume,
    "group": group,
    "group848": cannot("librdkafka 2.0 has only the classic group protocol"),
    "transactions": transactions,
    "offsets": offsets,
    "acks0": acks0,
})
