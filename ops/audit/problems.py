"""What an audit can find wrong, as values."""

from dataclasses import dataclass
from enum import StrEnum

from shared.hub.address import GenerationAddress
from shared.hub.sequence_range import SequenceRange


class Kind(StrEnum):
    """What does not hold: of the ledger alone, of a file, of its numbers, of a window."""

    NUMBER_UNACCOUNTED = "number_unaccounted"
    NUMBER_CLAIMED_TWICE = "number_claimed_twice"
    NUMBER_OUT_OF_BOUNDS = "number_out_of_bounds"
    COMMIT_MISSING = "commit_missing"
    ROWS_DIFFER = "rows_differ"
    STATE_MISSING = "state_missing"
    HEAD_COUNT_DIFFERS = "head_count_differs"

    FILE_CLAIMED_TWICE = "file_claimed_twice"
    FILE_MISSING = "file_missing"
    FILE_UNREADABLE = "file_unreadable"
    SIZE_DIFFERS = "size_differs"
    HASH_DIFFERS = "hash_differs"
    RECORD_COUNT_DIFFERS = "record_count_differs"
    ORIGIN_DIFFERS = "origin_differs"
    NAME_DIFFERS = "name_differs"

    NUMBER_MISSING = "number_missing"
    NUMBER_UNCLAIMED = "number_unclaimed"
    NUMBER_TWICE = "number_twice"
    BATCH_COUNT_DIFFERS = "batch_count_differs"
    REDRIVEN_TWICE = "redriven_twice"
    REDRIVEN_UNQUARANTINED = "redriven_unquarantined"

    MANIFEST_MISSING = "manifest_missing"
    MANIFEST_UNREADABLE = "manifest_unreadable"
    WINDOW_FAILED = "window_failed"
    WINDOW_FILE_UNCOMMITTED = "window_file_uncommitted"
    WINDOW_FILE_DIFFERS = "window_file_differs"
    WINDOW_FILE_TWICE = "window_file_twice"
    WINDOW_FILE_FORGOTTEN = "window_file_forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that does not hold; `place` is None if a manifest names no partition."""

    kind: Kind
    place: GenerationAddress | None = None
    range: SequenceRange | None = None
    path: str | None = None
    detail: str = ""
