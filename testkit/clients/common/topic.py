#!/usr/bin/python3
"""The scenario's topic, by confluent-kafka-python; as a program for clients that have no admin calls of their own:
topic.py create|delete <bootstrap> <name>."""

import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from scenario import PARTITIONS, await_until, saw


class Topic:
    """A topic of three partitions that lives as long as the `with` block."""

    def __init__(self, bootstrap, name):
        self.config = {"bootstrap.servers": bootstrap, "client.id": "topic", "group.id": "unused", "log_level": 3}
        self.admin, self.name = AdminClient(self.config), name

    def __enter__(self):
        self.create()
        return self.name

    def __exit__(self, *_):
        self.delete()

    def create(self):
        futures = self.admin.create_topics([NewTopic(self.name, PARTITIONS, 1)], request_timeout=20)
        futures[self.name].result(20)
        await_until(f"{self.name} in metadata", self.known)
        consumer = Consumer(self.config)
        await_until(f"leaders of {self.name} ready", lambda: self.ready(consumer))
        consumer.close()

    def known(self):
        metadata = self.admin.list_topics(self.name, timeout=10)
        for broker in metadata.brokers.values():
            saw(broker.host, broker.port)
        topic = metadata.topics[self.name]
        return topic.error is None and len(topic.partitions) == PARTITIONS

    def ready(self, consumer):
        """Leaders answer. One that is not yet up would cost records sent with acks=0, and the order of others."""
        try:
            for p in range(PARTITIONS):
                consumer.get_watermark_offsets(TopicPartition(self.name, p), timeout=10)
            return True
        except KafkaException:
            return False

    def delete(self):
        self.admin.delete_topics([self.name], request_timeout=20)[self.name].result(20)


if __name__ == "__main__":
    verb, bootstrap, name = sys.argv[1:]
    topic = Topic(bootstrap, name)
    topic.create() if verb == "create" else topic.delete()
