"""Model-checks the ledger: any interleaving of owners, redeliveries and remakings of the hub.

Runs quickly by default. For longer, and others each time: `LANDFALL_MODEL_EXAMPLES=20000 pytest
tests/unit/shared/ledger/test_ledger_model.py`. Each of the switches below keeps out what the ledger
is known not to withstand.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from fastavro import reader
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.encoding.compression import Codec
from shared.errors import DependencyUnavailableError
from shared.hub.events import Event, EventBatch
from shared.hub.properties import HubPartition
from shared.hub.sequence_range import SequenceRange
from shared.landing.lander import Lander
from shared.landing.sweeper import Sweeper
from shared.ledger.batch import CommittedBatch, Counts, LandedFile
from shared.ledger.gaps import mark
from shared.ledger.generations import PAUSE, close_generation, needs_witness
from shared.ledger.partition import GapState, Generation, Partition
from shared.ledger.planning import Plan, apply_commit, plan_batch
from shared.ledger.store import Commit, StoredPartition
from tests.builders import START, a_core, an_address, contracts
from tests.examples import examples
from tests.landers import a_circuit_breaker
from tests.memory import MemoryLake, MemoryLedger
from tests.unit.shared.ledger.hub_model import Held, ModelHub

# An owner lands a batch of a hub that was made anew twice since: within an hour of the hub's clock
# it may be laid to the generation after its own. Or one of a hub that is gone and of which nothing
# was ever committed: the ledger has no generation for it.
OLD_BATCHES_COME_VERY_LATE = False
# A batch of another making of the hub starts exactly at the head and entered within ten seconds,
# by the hub's clock, after the head's event: of a hub made anew and filled that fast, or, by the
# chance of a clock set back, of the one before. It is taken for what comes next.
ANOTHER_HUB_GOES_ON_AT_THE_HEAD = False
# The same of a batch that starts where the last one ended that its owner landed.
ANOTHER_HUB_GOES_ON_WHERE_AN_OWNER_IS = False
# Retention takes the number that a batch starts with while an owner still holds the batch in
# memory, and the hub was made anew. A host gives a batch up in minutes, a hub keeps it for hours.
BATCHES_OUTLIVE_RETENTION = False

OWNERS = st.integers(0, 2)
ASKED = int(os.environ.get("LANDFALL_MODEL_EXAMPLES", "0"))
SETTINGS = settings(
    max_examples=ASKED or examples(60),
    stateful_step_count=50 if ASKED else 30,
    derandomize=not ASKED,
    suppress_health_check=list(HealthCheck),
    report_multiple_bugs=False,
)
Key = tuple[int, int]


class Hub:
    """The model hub as the port that the lander asks."""

    def __init__(self, model: ModelHub) -> None:
        self._model = model

    def read_partitions(self) -> list[HubPartition]:
        return [self.read_partition("0")]

    def read_partition(self, partition_id: str) -> HubPartition:
        making = self._model.current
        return HubPartition(
            address=an_address(partition_id),
            begin=making.begin,
            last_enqueued=len(making.events) - 1,
            last_enqueued_at=making.events[-1].enqueued_at if making.events else START,
            created_at=making.created_at,
        )

    def read_again(self, partition_id: str, wanted: SequenceRange) -> list[Event]:
        making = self._model.current
        assert partition_id == "0"
        first = max(wanted.first, making.begin)
        return making.events[first : wanted.last + 1]


@dataclass
class RacingLedger(MemoryLedger):
    """Somebody else may be faster between any owner's plan and its commit."""

    before_commit: Callable[[], object] | None = None

    def commit(self, stored: StoredPartition, commit: Commit) -> StoredPartition | None:
        race, self.before_commit = self.before_commit, None
        if race:
            race()
        return super().commit(stored, commit)


class LedgerMachine(RuleBasedStateMachine):
    """The hub, what owners hold of it, and what must be true after each step."""

    def __init__(self) -> None:
        super().__init__()
        self.hub = ModelHub()
        self.port = Hub(self.hub)
        self.ledger = RacingLedger()
        self.held: dict[int, Held] = {}
        self.host_skew = timedelta(0)
        self.audited = 0
        self.committed: dict[Key, bytes] = {}
        self.landed: dict[bytes, Key] = {}
        self.making_of: dict[int, int] = {}
        self.reach: dict[int, tuple[int, int]] = {}
        self.acknowledged: set[bytes] = set()

    # What the hub does.

    @rule(amount=st.integers(1, 8), good=st.booleans(), seconds=st.sampled_from([0, 1, 60, 5000]))
    def send(self, amount: int, good: bool, seconds: int) -> None:
        self.hub.pass_time(seconds)
        self.hub.send(amount, is_good=good)

    @rule()
    def remake_the_hub(self) -> None:
        self.hub.pass_time(15)
        self.hub.recreate()

    @rule(
        owner=OWNERS,
        held=st.integers(1, 6),
        sent=st.integers(1, 8),
        rival=OWNERS,
        steps_back=st.booleans(),
    )
    def remake_the_hub_while_an_owner_holds_a_batch(
        self, *, owner: int, held: int, sent: int, rival: int, steps_back: bool
    ) -> None:
        self.deliver_around_the_head(owner, ahead=0, most=held)
        if steps_back:
            self.step_back()
        self.remake_the_hub()
        self.hub.send(sent)
        self._deliver(rival if rival != owner else (owner + 1) % 3, 0, sent)

    @rule(keep=st.integers(0, 10))
    def retention_drops(self, keep: int) -> None:
        self.hub.drop_before(len(self.hub.current.events) - keep)

    @rule()
    def step_back(self) -> None:
        self.hub.step_back()

    @rule()
    def reconcile(self) -> None:
        stored, now = self.make_head(), self.hub.now + self.host_skew
        after, closed = mark(stored.partition, self.port.read_partition("0"), now)
        self.ledger.commit(stored, Commit(partition=after, closed=closed))

    @rule(hours=st.integers(-3, 3))
    def skew_the_hosts_clock(self, hours: int) -> None:
        self.host_skew = timedelta(hours=hours)

    # What owners receive.

    @rule(owner=OWNERS, back=st.integers(0, 12), most=st.integers(1, 10))
    def deliver_from_the_end(self, owner: int, back: int, most: int) -> None:
        self._deliver(owner, len(self.hub.current.events) - back, most)

    @rule(owner=OWNERS, ahead=st.integers(-6, 4), most=st.integers(1, 10))
    def deliver_around_the_head(self, owner: int, ahead: int, most: int) -> None:
        stored = self.ledger.heads.get(an_address())
        self._deliver(owner, (stored.partition.current.head if stored else 0) + ahead, most)

    @rule(owner=OWNERS, which=st.integers(0, 3), skip=st.integers(0, 2), most=st.integers(1, 10))
    def replay_a_gap(self, owner: int, which: int, skip: int, most: int) -> None:
        stored = self.ledger.heads.get(an_address())
        gaps = [gap.range for gap in stored.partition.current.gaps] if stored else []
        if which < len(gaps):
            self._deliver(owner, gaps[which].first + skip, most)

    def _deliver(self, owner: int, first: int, most: int) -> None:
        held = self.hub.read(max(0, first), most)
        if held:
            self.held[owner] = held

    def is_kept_out(self, partition: Partition, held: Held) -> bool:
        """Whether a switch keeps this batch from being planned on this partition."""
        makings = [self._making(known) for known in partition.generations]
        age = len(self.hub.makings) - 1 - held.making
        is_unknown = age > 0 and held.making not in makings
        is_very_late = is_unknown or age > 1
        goes_on = held.making != makings[-1] and held.batch.first == partition.current.head
        outlives = self.hub.testify(held.batch).holds_first is None
        return (
            (is_very_late and not OLD_BATCHES_COME_VERY_LATE)
            or (
                goes_on
                and not needs_witness(partition, held.batch)
                and not ANOTHER_HUB_GOES_ON_AT_THE_HEAD
            )
            or (outlives and len(self.hub.makings) > 1 and not BATCHES_OUTLIVE_RETENTION)
        )

    def _making(self, known: Generation) -> int:
        return [making.created_at for making in self.hub.makings].index(known.hub_created_at)

    def plan_batch(self, partition: Partition, batch: EventBatch, *_: object) -> Plan:
        """Plan as the lander does: the hub is asked where the ledger is in doubt."""
        witness = self.hub.testify(batch) if needs_witness(partition, batch) else None
        return plan_batch(partition, batch, witness)

    def make_head(self) -> StoredPartition:
        making = self.hub.current
        begun = Generation(
            number=0,
            start=making.begin,
            head=making.begin,
            hub_created_at=making.created_at,
        )
        return self.ledger.create(Partition(address=an_address(), current=begun))

    def acknowledge(self, batch: EventBatch) -> None:
        self.acknowledged |= {event.body for event in batch.events}

    # What must be true.

    @invariant()
    def everything_holds(self) -> None:
        self.each_event_is_committed_at_most_once_and_its_file_holds_it()
        self.each_number_is_the_hubs_own_and_each_generation_one_making()
        self.what_was_acknowledged_is_committed()
        self.committed_and_gaps_are_disjoint_and_exactly_start_to_head()
        self.head_and_start_only_move_outward()
        self.the_heads_time_is_that_of_the_newest_event()
        self.counts_are_what_was_committed()
        self.commit_numbers_have_no_holes()
        self.an_ended_generation_has_no_open_gap()

    def each_event_is_committed_at_most_once_and_its_file_holds_it(self) -> None:
        for batch in self.ledger.batches[self.audited :]:
            bodies = self.bodies_of(batch)
            numbers = [n for part in batch.ranges for n in range(part.first, part.last + 1)]
            assert sorted(bodies) == numbers
            for number, body in bodies.items():
                key = (batch.generation, number)
                assert key not in self.committed, f"{key} is in two batches"
                assert body not in self.landed, f"{body!r} landed as {self.landed[body]} and {key}"
                self.committed[key], self.landed[body] = body, key
        self.audited = len(self.ledger.batches)

    def what_was_acknowledged_is_committed(self) -> None:
        swallowed = self.acknowledged - self.landed.keys()
        assert not swallowed, f"taken for duplicates: {swallowed}"

    def each_number_is_the_hubs_own_and_each_generation_one_making(self) -> None:
        for (generation, number), body in self.committed.items():
            making = next(
                index
                for index, making in enumerate(self.hub.makings)
                if number < len(making.events) and making.events[number].body == body
            )
            assert self.making_of.setdefault(generation, making) == making
        assert len(set(self.making_of.values())) == len(self.making_of)

    def committed_and_gaps_are_disjoint_and_exactly_start_to_head(self) -> None:
        for known in self.generations():
            numbers = {n for g, n in self.committed if g == known.number}
            missing = [n for gap in known.gaps for n in range(gap.range.first, gap.range.last + 1)]
            assert len(missing) == len(set(missing))
            assert numbers.isdisjoint(missing)
            assert numbers | set(missing) == set(range(known.start, known.head))

    def head_and_start_only_move_outward(self) -> None:
        for known in self.generations():
            start, head = self.reach.get(known.number, (known.start, known.head))
            assert known.start <= start
            assert known.head >= head
            self.reach[known.number] = (known.start, known.head)

    def the_heads_time_is_that_of_the_newest_event(self) -> None:
        for known in self.generations():
            body = self.committed.get((known.number, known.head - 1))
            if body is not None:
                making = self.hub.makings[self.making_of[known.number]]
                assert known.head_enqueued_at == making.events[known.head - 1].enqueued_at

    def counts_are_what_was_committed(self) -> None:
        for known in self.generations():
            batches = [b for b in self.ledger.batches if b.generation == known.number]
            counts = [count for batch in batches for count in batch.counts.values()]
            assert known.total == sum(counts, Counts())
            numbers = [n for g, n in self.committed if g == known.number]
            assert known.total.landed + known.total.quarantined == len(numbers)

    def commit_numbers_have_no_holes(self) -> None:
        numbers = [batch.number for batch in self.ledger.batches]
        assert numbers == list(range(1, len(numbers) + 1))
        for stored in self.ledger.heads.values():
            assert stored.partition.commits == len(numbers)

    def an_ended_generation_has_no_open_gap(self) -> None:
        generations = self.generations()
        assert [known.number for known in generations] == list(range(len(generations)))
        assert all(known.in_gaps(GapState.OPEN) == 0 for known in generations[:-1])

    def generations(self) -> list[Generation]:
        return [known for found in self.ledger.list_partitions() for known in found.generations]

    def bodies_of(self, batch: CommittedBatch) -> dict[int, bytes]:
        """What the files of a committed batch hold, by sequence number."""
        raise NotImplementedError


@dataclass
class Owner:
    """One host: its view of the ledger, maybe stale, and a commit that it has not made yet."""

    view: StoredPartition | None = None
    planned: tuple[Plan, Commit, EventBatch] | None = None


class CoreMachine(LedgerMachine):
    """Drives the planning and the applying themselves; an owner may pause between any two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.owners = [Owner() for _ in range(3)]
        self.files: dict[str, dict[int, bytes]] = {}

    @rule(owner=OWNERS)
    def plan(self, owner: int) -> None:
        held, mine = self.held.get(owner), self.owners[owner]
        if held is None:
            return
        if mine.view is None:
            mine.view = self.make_head()
        if not self.is_kept_out(mine.view.partition, held):
            plan = self.plan_batch(mine.view.partition, held.batch)
            mine.planned = (plan, self._write(plan, held.batch), held.batch)

    @rule(owner=OWNERS, reply_is_lost=st.booleans())
    def commit(self, owner: int, reply_is_lost: bool) -> None:
        mine = self.owners[owner]
        if mine.planned is None or mine.view is None:
            return
        (_, commit, batch), mine.planned = mine.planned, None
        self.ledger.lost_replies = int(reply_is_lost)
        after = self.ledger.commit(mine.view, commit) or self.ledger.read(an_address())
        self.ledger.lost_replies = 0
        mine.view = after
        if after and after.partition == commit.partition:
            self.acknowledge(batch)

    @rule(owner=OWNERS)
    def land_at_once(self, owner: int) -> None:
        self.plan(owner)
        self.commit(owner, reply_is_lost=False)

    @rule(order=st.permutations(range(3)))
    def land_all(self, order: list[int]) -> None:
        for owner in order:
            self.land_at_once(owner)
            self.land_at_once(owner)

    @rule(owner=OWNERS)
    def restart(self, owner: int) -> None:
        self.owners[owner] = Owner()
        self.held.pop(owner, None)

    def bodies_of(self, batch: CommittedBatch) -> dict[int, bytes]:
        return {n: body for file in batch.files for n, body in self.files[file.path].items()}

    def _write(self, plan: Plan, batch: EventBatch) -> Commit:
        now = self.hub.now + self.host_skew
        committed = self._write_file(plan, batch) if plan.new else None
        before = plan.partition.current
        return Commit(
            partition=apply_commit(plan, committed, now),
            batch=committed,
            closed=close_generation(before, now) if plan.begins_generation else None,
        )

    def _write_file(self, plan: Plan, batch: EventBatch) -> CommittedBatch:
        events = batch.select(plan.new)
        path = f"g{plan.generation.number}-{plan.new}-{batch}"
        self.files[path] = {event.sequence_number: event.body for event in events}
        count = len(events)
        return CommittedBatch(
            batch_id=path,
            number=plan.partition.commits + 1,
            address=an_address(),
            generation=plan.generation.number,
            ranges=plan.new,
            files=(LandedFile(path=path, contract="x/1", records=count, bytes=1, sha256=""),),
            counts={"x/1": Counts(landed=count)},
            first_enqueued_at=events[0].enqueued_at,
            last_enqueued_at=events[-1].enqueued_at,
            committed_at=self.hub.now + self.host_skew,
        )


class LanderMachine(LedgerMachine):
    """Drives real landers over a lake and a ledger that fail or have a faster owner."""

    def __init__(self) -> None:
        super().__init__()
        self.lake = MemoryLake()
        self.owners = [self._a_lander() for _ in range(3)]
        self.sweeper = Sweeper(self.lake, self.ledger)
        self.last: dict[int, Held] = {}

    @rule(owner=OWNERS, lost_replies=st.integers(0, 1))
    def land(self, owner: int, lost_replies: int) -> None:
        self.ledger.lost_replies = lost_replies
        self._land(owner)
        self.ledger.lost_replies = 0

    @rule(owner=OWNERS, rival=OWNERS, lost_replies=st.integers(0, 1))
    def land_while_another_is_faster(self, owner: int, rival: int, lost_replies: int) -> None:
        self.ledger.lost_replies = lost_replies
        if rival != owner:
            self.ledger.before_commit = lambda: self._land(rival)
        self._land(owner)
        self.ledger.lost_replies, self.ledger.before_commit = 0, None

    @rule(owner=OWNERS, what=st.sampled_from(["lake", "ledger"]))
    def fail_to_land(self, owner: int, what: str) -> None:
        broken: Any = getattr(self, what)
        broken.is_down = True
        before = len(self.ledger.batches)
        try:
            self._land(owner)
        except DependencyUnavailableError:
            assert len(self.ledger.batches) == before
        broken.is_down = False

    @rule(order=st.permutations(range(3)))
    def land_all(self, order: list[int]) -> None:
        for owner in order:
            self._land(owner)

    @rule(owner=OWNERS)
    def restart(self, owner: int) -> None:
        self.owners[owner] = self._a_lander()
        self.held.pop(owner, None)
        self.last.pop(owner, None)

    def bodies_of(self, batch: CommittedBatch) -> dict[int, bytes]:
        records = [row for file in batch.files for row in reader(BytesIO(self._bytes(file.path)))]
        return {
            row["_landfall"]["sequence_number"]: row.get("body", b'{"id": %d}' % row.get("id", 0))
            for row in records
        }

    @rule()
    def sweep(self) -> None:
        for _ in range(3):
            self.sweeper.sweep()

    @invariant()
    def committed_files_stay(self) -> None:
        assert {file.path for b in self.ledger.batches for file in b.files} <= set(self.lake.files)

    def _bytes(self, path: str) -> bytes:
        return self.lake.files[path]

    def _land(self, owner: int) -> None:
        held = self.held.get(owner)
        if held is None or self.is_kept_out(self.make_head().partition, held):
            return
        if self._goes_on_in_another_hub(owner, held) and not ANOTHER_HUB_GOES_ON_WHERE_AN_OWNER_IS:
            return
        self.owners[owner].land(held.batch)
        self.last[owner] = held
        self.acknowledge(held.batch)

    def _goes_on_in_another_hub(self, owner: int, held: Held) -> bool:
        last = self.last.get(owner)
        if last is None or last.making == held.making:
            return False
        end, begin = last.batch.events[-1], held.batch.events[0]
        waited = begin.enqueued_at - end.enqueued_at
        follows = begin.sequence_number == end.sequence_number + 1
        return follows and timedelta(0) <= waited <= PAUSE

    def _a_lander(self) -> Lander:
        return Lander(
            contracts=contracts(),
            lake=self.lake,
            ledger=self.ledger,
            hub=self.port,
            events=self.port,
            circuit_breaker=a_circuit_breaker(),
            codec=Codec(name="null"),
            encoder_of=a_core().encoder_of,
            clock=lambda: self.hub.now + self.host_skew,
        )


TestCore = CoreMachine.TestCase
TestLander = LanderMachine.TestCase
TestCore.settings = TestLander.settings = SETTINGS
