#!/usr/bin/python3
"""kafka-python, a client in Python alone."""

import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from scenario import PARTITIONS, Record, await_until, cannot, check, check_equal, check_records, records, run, saw

PARTITION_IDS = range(PARTITIONS)

# Every address this process connects to, whatever response it was learned from.
sys.addaudithook(lambda event, args: event == "socket.connect" and saw(*args[1][:2]))


def note_brokers(client):
    for broker in client.cluster.brokers():
        saw(broker.host, broker.port)


class Topic:
    """A topic of three partitions that lives as long as the `with` block."""

    def __init__(self, bootstrap, name):
        self.bootstrap, self.name = bootstrap, name
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap, client_id="kafka-python")

    def __enter__(self):
        self.admin.create_topics([NewTopic(self.name, PARTITIONS, 1)], timeout_ms=20000)
        await_until(f"{self.name} in metadata", self.ready)
        note_brokers(self.admin._client)
        consumer = reader(self.bootstrap, self.name)  # a leader not yet up would cost records sent with acks=0
        consumer.beginning_offsets(consumer.assignment())
        consumer.close()
        return self.name

    def ready(self):
        [topic] = self.admin.describe_topics([self.name])
        return topic["error_code"] == 0 and len(topic["partitions"]) == PARTITIONS

    def __exit__(self, *_):
        self.admin.delete_topics([self.name], timeout_ms=20000)
        self.admin.close()


def send(producer, topic, wanted, timestamps=None):
    futures = [
        producer.send(
            topic, partition=r.partition, key=r.key, value=r.value, headers=r.headers,
            timestamp_ms=timestamps[i] if timestamps else None)
        for i, r in enumerate(wanted)
    ]
    producer.flush(20)
    for future in futures:
        future.get(20)


def poll(consumer, got):
    """Adds what comes within a short time to got."""
    for batch in consumer.poll(timeout_ms=200).values():
        got.extend(Record(m.partition, m.key, m.value, m.headers) for m in batch)
    return got


def reader(bootstrap, topic):
    """A consumer of all partitions, from the start, without a group."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, client_id="kafka-python", group_id=None)
    consumer.assign([TopicPartition(topic, p) for p in PARTITION_IDS])
    consumer.seek_to_beginning()
    return consumer


def admin(bootstrap, name):
    with Topic(bootstrap, name) as topic:
        client = KafkaAdminClient(bootstrap_servers=bootstrap)
        cluster = client.describe_cluster()
        nodes = [broker["node_id"] for broker in cluster["brokers"]]
        check(cluster["cluster_id"], "no cluster id")
        check(cluster["controller_id"] in nodes, "the controller is not among the brokers")
        await_until("the new topic is listed", lambda: topic in client.list_topics())
        [described] = client.describe_topics([topic])
        for p in described["partitions"]:
            check(p["leader"] in nodes, f"partition {p['partition']} has leader {p['leader']}, not a listed broker")
        client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "123456"})])

        def altered():
            [response] = client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
            entries = response.resources[0][4]
            return {entry[0]: entry[1] for entry in entries}["retention.ms"] == "123456"

        await_until("retention.ms=123456", altered)
        client.list_consumer_groups()
    await_until("topic gone", lambda: name not in client.list_topics())


def produce_consume(bootstrap, name):
    wanted = records(0, 1000)
    with Topic(bootstrap, name):
        for codec, part in (("gzip", wanted[:500]), (None, wanted[500:])):
            producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", compression_type=codec, linger_ms=20)
            send(producer, name, part)
            producer.close(10)
        consumer, got = reader(bootstrap, name), []
        await_until("1000 records", lambda: len(poll(consumer, got)) >= 1000)
        check_records(got, wanted)
        consumer.close()


class Member(threading.Thread):
    """A group member with its own thread, because poll blocks while the group waits for the others to join."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.got, self.parts, self.leaving, self.error = [], [], threading.Event(), None
        self.consumer = KafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=f"{topic}-group", auto_offset_reset="earliest",
            enable_auto_commit=False, session_timeout_ms=10000, heartbeat_interval_ms=500)
        self.start()

    def run(self):
        try:
            while not self.leaving.is_set():
                known = len(self.got)
                if len(poll(self.consumer, self.got)) > known:
                    self.consumer.commit()
                self.parts = [t.partition for t in self.consumer.assignment()]
            note_brokers(self.consumer._client)
            self.consumer.close(autocommit=False)
        except Exception as error:
            self.error = error

    def leave(self):
        self.leaving.set()
        self.join(20)
        check(not self.is_alive(), "a member did not leave within 20 s")
        check_equal("error of a member", self.error, None)


def group(bootstrap, name):
    with Topic(bootstrap, name):
        producer = KafkaProducer(bootstrap_servers=bootstrap)
        one, two = Member(bootstrap, name), Member(bootstrap, name)
        await_until(
            "both members own partitions",
            lambda: one.parts and two.parts and sorted(one.parts + two.parts) == list(PARTITION_IDS))
        first = records(0, 300)
        send(producer, name, first)
        await_until("300 records", lambda: len(one.got + two.got) >= 300)
        one.leave()
        two.leave()
        check_records(one.got + two.got, first)
        second = records(300, 60)
        send(producer, name, second)
        third = Member(bootstrap, name)
        await_until("60 records", lambda: len(third.got) >= 60)
        third.leave()
        check_records(third.got, second)


def offsets(bootstrap, name):
    with Topic(bootstrap, name):
        start = 1_700_000_000_000
        times = [start + i * 1000 for i in range(30)]  # ten a partition, three seconds apart
        send(KafkaProducer(bootstrap_servers=bootstrap), name, records(0, 30), times)
        consumer = reader(bootstrap, name)
        parts = [TopicPartition(name, p) for p in PARTITION_IDS]

        def at(time):
            found = consumer.offsets_for_times({part: time for part in parts})
            return [found[part] and found[part].offset for part in parts]

        check_equal("earliest", consumer.beginning_offsets(parts), dict.fromkeys(parts, 0))
        check_equal("latest", consumer.end_offsets(parts), dict.fromkeys(parts, 10))
        check_equal("offsets at 16 s", at(start + 16_000), [6, 5, 5])
        check_equal("offsets after the last", at(start + 99_000), [None] * PARTITIONS)
        consumer.close()


def acks0(bootstrap, name):
    with Topic(bootstrap, name):
        producer = KafkaProducer(bootstrap_servers=bootstrap, acks=0)
        send(producer, name, records(0, 100))
        # No public way to change acks; this one keeps the connection, which is the point.
        producer._sender.config["acks"] = 1
        send(producer, name, records(100, 100))
        consumer = reader(bootstrap, name)
        parts = [TopicPartition(name, p) for p in PARTITION_IDS]
        await_until("200 records", lambda: sum(consumer.end_offsets(parts).values()) == 200)
        consumer.close()


run({
    "admin": admin,
    "produce-consume": produce_consume,
    "group": group,
    "group848": cannot("kafka-python 2.0 has only the classic group protocol"),
    "transactions": cannot("kafka-python 2.0 has no transactions"),
    "offsets": offsets,
    "acks0": acks0,
})
