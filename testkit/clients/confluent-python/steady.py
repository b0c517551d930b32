#!/usr/bin/python3
"""Produces numbered records to four partitions, and reads them as a member of a group, until its input ends:
`<bootstrap> <topic> <group> [<property>=<value> of the producer ...]`.

Each line of the output is `acked N`, `read N` or `failed REASON`. Offsets are committed after each batch.
"""

import sys
import threading

from confluent_kafka import Consumer, KafkaException, Producer

PARTITIONS = 4

bootstrap, topic, group = sys.argv[1:4]
of_producer = dict(argument.split("=", 1) for argument in sys.argv[4:])
quick = {"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 500, "topic.metadata.refresh.interval.ms": 2000}
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()


def say(what, value):
    print(what, value, flush=True)


def report(error, message):
    say("failed" if error else "acked", error or message.value().decode())


producer = Producer(quick | {"linger.ms": 2} | of_producer)
consumer = Consumer(
    quick
    | {
        "group.id": group,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "session.timeout.ms": 6000,
        "heartbeat.interval.ms": 1000,
    }
)
consumer.subscribe([topic])
sent = 0
while not ended.is_set():
    if len(producer) < 1000:
        producer.produce(topic, str(sent).encode(), partition=sent % PARTITIONS, on_delivery=report)
        sent += 1
    producer.poll(0)
    batch = [message for message in consumer.consume(100, 0.005) if not message.error()]
    for message in batch:
        say("read", message.value().decode())
    if batch:
        try:
            consumer.commit(asynchronous=True)
        except KafkaException:
            pass  # the group is being joined again
producer.flush(20)
consumer.close()
