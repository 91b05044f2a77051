"""Redrives: quarantined events are judged again, and land, or stay for another reason. Pure.

A redrive's files hold numbers that are committed already, so the sweeper would take them for
orphans. Therefore a redrive first announces its files in the partition, then writes them, then
commits them.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

from shared.ledger.batch import CommittedBatch, merge_counts, without_zeros
from shared.ledger.partition import Partition


def announce(
    partition: Partition, generation: int, paths: Collection[str], *, instead_of: Collection[str]
) -> Partition:
    """Name the files that a redrive will commit, and drop those that it will not."""
    known = partition.find_generation(generation)
    if known is None:
        return partition
    redriving = tuple(sorted({*known.redriving, *paths}.difference(instead_of)))
    return partition.with_generation(replace(known, redriving=redriving))


def apply_redrive(partition: Partition, batch: CommittedBatch) -> Partition:
    """Return the partition after a redrive's commit: only its counts change."""
    after = replace(partition, commits=batch.number)
    known = partition.find_generation(batch.generation)
    if known is None:
        return after
    paths = {file.path for file in batch.files}
    return after.with_generation(
        replace(
            known,
            counts=without_zeros(merge_counts(known.counts, batch.counts)),
            redriving=tuple(path for path in known.redriving if path not in paths),
        )
    )


def keep_together(batches: Iterable[CommittedBatch], limit: int) -> list[CommittedBatch]:
    """Take a page of batches in order, with all that begin with the last one's first number."""
    page: list[CommittedBatch] = []
    for batch in batches:
        if len(page) >= limit and batch.ranges[0].first != page[-1].ranges[0].first:
            break
        page.append(batch)
    return page
