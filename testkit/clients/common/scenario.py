"""What the Python clients share: the records they send, how they are checked, and how a scenario runs."""

import os
import sys
import threading
import time
import traceback
from collections import namedtuple

PARTITIONS = 3
RUN_SECONDS = 55  # below the 60 s that a scenario may take, so that the reason comes from here

Record = namedtuple("Record", "partition key value headers")

_seen = set()


class Skip(Exception):
    """This client cannot do the scenario; the text says why."""


def cannot(reason):
    """A scenario that the client has no means for."""

    def skip(*_):
        raise Skip(reason)

    return skip


def saw(host, port):
    """Notes a broker address that the client learned or connected to."""
    _seen.add(f"{host}:{port}")


def records(start, count):
    """Records start..start+count-1, spread over the partitions; every fiftieth is a tombstone."""
    return [
        Record(
            partition=i % PARTITIONS,
            key=f"key-{i}".encode(),
            value=None if i % 50 == 7 else f"värde {i} {'x' * (i % 300)}".encode(),
            headers=[("n", str(i).encode()), ("empty", b"")],
        )
        for i in range(start, start + count)
    ]


def check(condition, reason):
    if not condition:
        raise AssertionError(reason)


def check_equal(what, got, wanted):
    check(got == wanted, f"{what}: wanted {wanted!r}, got {got!r}")


def check_records(got, wanted):
    """Both hold the same records, and each partition has them in the order they were sent."""
    check_equal("number of records", len(got), len(wanted))
    for partition in range(PARTITIONS):
        pairs = zip(
            [r for r in got if r.partition == partition],
            [r for r in wanted if r.partition == partition],
        )
        for offset, (g, w) in enumerate(pairs):
            check_equal(f"record {offset} of partition {partition}", g, w)


def await_until(what, condition, seconds=20):
    """Calls condition until it answers something true, and returns that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


def run(scenarios):
    """Runs the scenario named on the command line: `<bootstrap> <unique-name> <scenario>`."""
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} <bootstrap> <unique-name> <{'|'.join(scenarios)}>")
    bootstrap, name, scenario = sys.argv[1:]
    timer = threading.Timer(RUN_SECONDS, _finish, (1, f"still running after {RUN_SECONDS} s"))
    timer.daemon = True
    timer.start()
    try:
        check(scenario in scenarios, f"no scenario {scenario!r}; there are {' '.join(scenarios)}")
        scenarios[scenario](bootstrap, name)
    except Skip as skip:
        print(f"SKIP: {skip}")
        _finish(77)
    except BaseException as error:
        traceback.print_exc()
        at = traceback.extract_tb(error.__traceback__)[-1]
        _finish(1, f"{type(error).__name__}: {error} ({os.path.basename(at.filename)}:{at.lineno})")
    _finish(0)


def _finish(code, reason=None):
    print("brokers:", *sorted(_seen), flush=True)
    if reason:
        print(reason, file=sys.stderr, flush=True)
    os._exit(code)  # no wait for threads of a client that hangs
