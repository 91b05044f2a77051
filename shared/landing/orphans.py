"""Which of the lake's files nobody can ever commit. Pure."""

from collections.abc import Container, Iterable, Sequence

from shared.landing.path import LandingPath, parse_landing_path
from shared.ledger.partition import PartitionState


def find_orphans(
    paths: Iterable[str], state: PartitionState, named: Container[str]
) -> Sequence[str]:
    """The files of a partition that no batch names and none will, of those given.

    A file's name holds the first and the last number of the batch that it was written for. Once
    one of these is committed, no plan has it as new, and a commit on an older state fails: only
    what is `named` by then stays. So `named` is read after the state, and must hold every file of
    the batches that committed those numbers, and of their redrives. A redrive that is not
    committed yet has announced its files in the state.
    """
    found = [(path, parsed) for path in paths if (parsed := parse_landing_path(path))]
    generations = (*state.ended, state)
    redriving = {path for known in generations for path in known.redriving}
    return [
        path
        for path, parsed in found
        if path not in named and path not in redriving and _is_decided(parsed, generations)
    ]


def _is_decided(path: LandingPath, generations: Iterable[PartitionState]) -> bool:
    return any(
        _is_committed(number, state)
        for state in generations
        if (state.hub, state.partition_id) == (path.hub, path.partition_id)
        and state.generation == path.generation
        for number in (path.range.first, path.range.last)
    )


def _is_committed(number: int, state: PartitionState) -> bool:
    in_gap = any(number in gap.range for gap in state.gaps)
    return state.start <= number < state.head and not in_gap
