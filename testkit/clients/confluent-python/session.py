#!/usr/bin/python3
"""Produces numbered records until it has logged in so often: `<settings.properties> <topic> <logins>`.

The settings are librdkafka's; with `token.url`, `token.client` and `token.secret` the program fetches OAUTHBEARER's
tokens itself, for a librdkafka without curl. The last line of the output is JSON: how many records were delivered, what
went wrong, how often it connected, lost a connection and logged in.
"""

import json
import sys
import time
import urllib.parse
import urllib.request

from confluent_kafka import Producer

LIMIT_SECONDS = 50  # the caller waits a minute

settings_file, topic, logins = sys.argv[1:]
with open(settings_file, encoding="utf-8") as file:
    settings = dict(line.strip().split("=", 1) for line in file if line.strip())
url, client, secret = (settings.pop(f"token.{key}", None) for key in ("url", "client", "secret"))


def token(_):
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=10) as answer:
        got = json.load(answer)
    return got["access_token"], time.time() + got["expires_in"]


brokers, errors, failed, delivered = {}, [], [], 0


def note(text):
    brokers.update(json.loads(text)["brokers"])


def total(count):
    return sum(count(broker) for broker in brokers.values())


def requests(broker):
    return broker["req"].get("SaslHandshake", 0)


def report(error, _):
    global delivered
    if error:
        failed.append(str(error))
    else:
        delivered += 1


settings.update({"stats_cb": note, "statistics.interval.ms": 100, "error_cb": lambda error: errors.append(str(error))})
if url:
    settings["oauth_cb"] = token
producer = Producer(settings)
deadline, sent, last = time.monotonic() + LIMIT_SECONDS, 0, None
while (last is None or sent < last) and time.monotonic() < deadline:
    producer.produce(topic, str(sent).encode(), on_delivery=report)
    sent += 1
    producer.poll(0.02)
    if last is None and total(requests) >= int(logins):
        last = sent + 20
left = producer.flush(20)
end = time.monotonic() + 0.3
while time.monotonic() < end:  # the last statistics
    producer.poll(0.1)
print(json.dumps({
    "sent": sent,
    "delivered": delivered,
    "left": left,
    "failed": failed,
    "errors": errors,
    "connects": total(lambda broker: broker["connects"]),
    "disconnects": total(lambda broker: broker["disconnects"]),
    "logins": total(requests),
}, separators=(",", ":")))
