"""How long an event takes, from enqueued to committed, while events arrive steadily."""

from dataclasses import dataclass

from benchmarks.stack_runs.drain import HUB, new_stack, produce, wait_for_batches
from local.account import read_records
from local.stack import Stack
from shared.contracts.origin import ORIGIN
from shared.ledger.batch import CommittedBatch


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """Seconds from the hub's enqueued time to the ledger's commit, over all events."""

    events: int
    p50: float
    p95: float
    p99: float


def follow(partitions: int, rate: int, seconds: int) -> Latencies:
    """Send at a rate while the host runs; read each event's times from what landed."""
    with new_stack() as stack:
        stack.up((f"{HUB}:{partitions}",))
        count = rate * seconds
        produce(stack, count, "--rate", str(rate))
        batches = wait_for_batches(stack, partitions, count)
        return summarize([s for batch in batches for s in _seconds(stack, batch)])


def summarize(seconds: list[float]) -> Latencies:
    """The percentiles: the least value that is not exceeded by that share of all values."""
    ordered = sorted(seconds)

    def percentile(percent: int) -> float:
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]

    return Latencies(
        events=len(ordered), p50=percentile(50), p95=percentile(95), p99=percentile(99)
    )


def _seconds(stack: Stack, batch: CommittedBatch) -> list[float]:
    return [
        (batch.committed_at - record[ORIGIN]["enqueued_at"]).total_seconds()
        for file in batch.files
        for record in read_records(stack, file.path)
    ]
