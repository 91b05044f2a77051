"""Redrives: what was quarantined is judged again, and lands, or stays for another reason. Pure.

A redrive's files hold numbers that are committed already, which would make them orphans while
they are written: so it announces them in the state, writes them, and commits them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from shared.ledger.batch import CommittedBatch
from shared.ledger.counts import merge_counts, without_zeros
from shared.ledger.partition import PartitionState


def find_state(state: PartitionState, generation: int) -> PartitionState | None:
    """A generation of the partition: the current or an ended one; None where it is not kept."""
    known = (state, *state.ended)
    return next((item for item in known if item.generation == generation), None)


def announce(
    state: PartitionState, generation: int, paths: Collection[str], *, instead_of: Collection[str]
) -> PartitionState:
    """Return the state with the files that a redrive will commit, without those it will not."""
    return _change(
        state,
        generation,
        lambda item: replace(
            item, redriving=tuple(sorted({*item.redriving, *paths}.difference(instead_of)))
        ),
    )


def apply_redrive(state: PartitionState, batch: CommittedBatch) -> PartitionState:
    """Return the state after a redrive's commit: its counts move, its numbers were there before."""
    paths = {file.path for file in batch.files}
    return _change(
        replace(state, commits=batch.number),
        batch.generation,
        lambda item: replace(
            item,
            counts=without_zeros(merge_counts(item.counts, batch.counts)),
            redriving=tuple(path for path in item.redriving if path not in paths),
        ),
    )


def keep_together(batches: Iterable[CommittedBatch], limit: int) -> list[CommittedBatch]:
    """Take a page of batches in order, and whatever begins with the same number as its last."""
    page: list[CommittedBatch] = []
    for batch in batches:
        if len(page) >= limit and batch.ranges[0].first != page[-1].ranges[0].first:
            break
        page.append(batch)
    return page


def _change(
    state: PartitionState, generation: int, change: Callable[[PartitionState], PartitionState]
) -> PartitionState:
    if generation == state.generation:
        return change(state)
    ended = (change(item) if item.generation == generation else item for item in state.ended)
    return replace(state, ended=tuple(ended))
