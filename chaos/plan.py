"""What goes wrong, and when: all derived from one seed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, repeat
from random import Random

from shared.landing.fault_points import FaultPoint

GROUPS = ("$Default", "chaos-1", "chaos-2")
# How often a host reads in each group: often two share one, and another overlaps with both.
SHARES = (5, 3, 2)
HOUR = 3600
# The longest pause and the longest trouble, in seconds: even a short run tries each kind.
FIRST_ROUND, LATER_ROUNDS = 1.3, 4.0


class Checkpoint(StrEnum):
    """What happens to a consumer group's checkpoints before a host starts in it."""

    KEPT = "kept"
    BACK = "checkpoint set back"
    AHEAD = "checkpoint set ahead"
    DELETED = "checkpoint deleted"


class Trouble(StrEnum):
    """A fault of the services around the hosts."""

    HUB_KILLED = "hub killed"
    HUB_BUSY = "hub server-busy"
    HUB_DETACHED = "hub detaches links"
    HUB_DROPPED_BEFORE = "hub drops before store"
    HUB_DROPPED_AFTER = "hub drops after store"
    HUB_DELAYED = "hub delays"
    LAKE_KILLED = "lake killed"
    LAKE_UNAVAILABLE = "lake 503"
    LAKE_TIMED_OUT = "lake times out"
    LAKE_HUNG_UP = "lake hangs up"
    LAKE_REPLY_LOST = "lake's reply lost"
    LAKE_DELAYED = "lake delays"
    LAKE_STALE = "lake's listing stale"
    AZURITE_KILLED = "azurite killed"
    LEDGER_REPLY_LOST = "ledger's reply lost"
    LEDGER_CUT = "ledger cut off"
    RETENTION = "retention takes events"
    PARTITION_ADDED = "partition added"
    CLOCK_SET = "hub's clock set"
    RECREATED = "hub made anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A trouble after a pause; `seconds` and `count` say how long or how often it lasts."""

    trouble: Trouble
    pause: float
    seconds: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One host from start to end: it ends at a named point, or when its seconds are over."""

    #: The consumer group it reads in; hosts of one group share the partitions.
    group: str
    #: The most events of a batch.
    batch_events: int
    #: The point where it is killed; None: when its seconds are over.
    kill_point: FaultPoint | None
    #: The visit to that point at which it is killed.
    kill_nth: int
    #: The point where it is delayed, if any.
    slow_point: FaultPoint | None
    #: The visit to that point at which it is delayed.
    slow_nth: int
    #: How long it is delayed.
    slow_seconds: float
    #: How long it lives at most.
    seconds: float
    #: When it is frozen; None: never.
    frozen_after: float | None
    #: How long it is frozen.
    frozen_seconds: float
    #: How wrong its clock is.
    clock_skew_seconds: int
    #: What is done to its group's checkpoints before it starts.
    checkpoint: Checkpoint

    @property
    def fault_points(self) -> str:
        """The setting that makes the host end itself, or delay itself, at these points."""
        faults = []
        if self.slow_point:
            faults.append(f"{self.slow_point}:pause={self.slow_seconds:.1f}:{self.slow_nth}")
        if self.kill_point:
            faults.append(f"{self.kill_point}:kill:{self.kill_nth}")
        return ",".join(faults)


def plan_lives(seed: int, host: int, calm: int = 1) -> Iterator[Life]:
    """Plan a host's lives without end; every fault point ends one life before any ends a second.

    `calm` multiplies their length: longer lives, and more events landed.
    """
    random = Random(f"{seed}/host/{host}")
    while True:
        for point in random.sample(list(FaultPoint), len(FaultPoint)):
            yield _life(random, point, calm)
            if random.random() < 0.4:
                yield _life(random, None, calm)


def plan_steps(seed: int, calm: int = 1) -> Iterator[Step]:
    """Plan the troubles without end, each once before any repeats; the first round is quick."""
    random = Random(f"{seed}/troubles")
    for longest in chain((FIRST_ROUND,), repeat(LATER_ROUNDS)):
        for trouble in random.sample(list(Trouble), len(Trouble)):
            yield Step(
                trouble=trouble,
                pause=random.uniform(0.1, longest) * calm,
                seconds=random.uniform(0.3, longest),
                count=random.randint(1, 30),
            )


def _life(random: Random, kill_point: FaultPoint | None, calm: int) -> Life:
    is_slow, is_frozen = random.random() < 0.3, random.random() < 0.2
    return Life(
        group=random.choices(GROUPS, SHARES)[0],
        batch_events=random.choice((100, 500, 2000, 2000)),
        kill_point=kill_point,
        kill_nth=random.choice((1, 2, 3, 5)) * calm,
        slow_point=random.choice(list(FaultPoint)) if is_slow else None,
        slow_nth=random.choice((2, 3, 5)) * calm,
        slow_seconds=random.uniform(0.5, 4),
        seconds=(random.uniform(5, 14) if kill_point else random.uniform(1, 8)) * calm,
        frozen_after=random.uniform(1, 4) if is_frozen else None,
        frozen_seconds=random.uniform(1, 8) if is_frozen else 0,
        clock_skew_seconds=random.choice((-HOUR, HOUR)) if random.random() < 0.1 else 0,
        checkpoint=random.choices(list(Checkpoint), (80, 14, 4, 2))[0],
    )


def calm_life() -> Life:
    """A life without faults, in the group that every hub has."""
    return Life(
        group=GROUPS[0],
        batch_events=2000,
        kill_point=None,
        kill_nth=1,
        slow_point=None,
        slow_nth=1,
        slow_seconds=0,
        seconds=0,
        frozen_after=None,
        frozen_seconds=0,
        clock_skew_seconds=0,
        checkpoint=Checkpoint.KEPT,
    )
