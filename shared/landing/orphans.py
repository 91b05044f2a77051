"""Which of the lake's files nobody can ever commit. Pure."""

from collections.abc import Container, Iterable, Sequence

from shared.landing.path import LandingPath, parse_landing_path
from shared.ledger.partition import Generation, Partition


def find_orphans(
    paths: Iterable[str], partition: Partition, named: Container[str]
) -> Sequence[str]:
    """The files of a partition that no batch names and none will, of those given.

    A file's name holds the first and the last number of the batch that it was written for. Once
    one of these is committed, no plan has it as new, and a commit on an older partition fails.
    So only what is `named` by then stays: read `named` after the partition. It must hold every
    file of the batches that committed those numbers, and of their redrives. A redrive that is not
    committed yet has announced its files in the partition.
    """
    found = [(path, parsed) for path in paths if (parsed := parse_landing_path(path))]
    redriving = {path for known in partition.generations for path in known.redriving}
    return [
        path
        for path, parsed in found
        if path not in named and path not in redriving and _is_decided(parsed, partition)
    ]


def _is_decided(path: LandingPath, partition: Partition) -> bool:
    known = partition.find_generation(path.generation)
    if known is None or path.address != partition.address:
        return False
    return any(_is_committed(number, known) for number in (path.range.first, path.range.last))


def _is_committed(number: int, generation: Generation) -> bool:
    in_gap = any(number in gap.range for gap in generation.gaps)
    return generation.start <= number < generation.head and not in_gap
