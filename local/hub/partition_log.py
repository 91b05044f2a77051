"""A partition's log: segments on disk, and an index of every event in memory.

One thread at a time writes (``write``). The event loop then makes the events visible
(``publish``) and reads. Only the event loop uses the index.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from local.hub.messages import Event, stamp
from local.hub.record import HEAD_BYTES, RecordEntry, encode_record
from local.hub.segment import Segment
from local.kit.durable_file import replace_file

SEGMENT_BYTES = 64 * 1024 * 1024
NEVER_MS = -62_135_596_800_000


@dataclass(frozen=True, slots=True)
class Written:
    """The result of one write: the events' index entries, and the new segment if it began one."""

    entries: list[RecordEntry]
    new_segment: Segment | None


class PartitionLog:
    """The events of one partition, from ``begin`` to ``last`` without a gap."""

    def __init__(self, directory: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open the log or begin one; cut off a torn tail."""
        self._directory = directory
        self._segment_bytes = segment_bytes
        self._segments: list[Segment] = []
        self._positions = array("Q")
        self._times = array("q")
        self._index_first = 0
        directory.mkdir(parents=True, exist_ok=True)
        self._recover()
        self._active = self._segments[-1]
        # Not the active segment's own end: that moves before the write is visible.
        self._visible_end = self._active.end
        self._next = self.last + 1
        self._last_written_ms = self.last_enqueued_ms
        self.begin = max(self._index_first, self._read_begin())
        self._saved_begin = self.begin

    def _recover(self) -> None:
        paths = sorted(self._directory.glob("*.log"))
        for path in paths:
            segment, entries = Segment.open(path, may_be_torn=path == paths[-1])
            if not self._segments:
                self._index_first = segment.first_sequence_number
            self._segments.append(segment)
            self._index(entries)
        if not self._segments:
            self._segments.append(Segment.create(self._directory, 0, 0))

    def _index(self, entries: Sequence[RecordEntry]) -> None:
        self._positions.extend([entry.start for entry in entries])
        self._times.extend([entry.enqueued_ms for entry in entries])

    @property
    def last(self) -> int:
        """The last visible sequence number, -1 if there never was one."""
        return self._index_first + len(self._positions) - 1

    @property
    def last_offset(self) -> str:
        """The last visible event's offset."""
        return str(self._positions[-1]) if self._positions else "-1"

    @property
    def last_enqueued_ms(self) -> int:
        """The last visible event's enqueued time; the year 1 if there never was one."""
        return self._times[-1] if self._times else NEVER_MS

    @property
    def count(self) -> int:
        """How many events can be read."""
        return self.last + 1 - self.begin

    def write(self, events: Sequence[Event], now_ms: int) -> Written:
        """Store events durably; they become visible when they are published."""
        enqueued_ms = max(now_ms, self._last_written_ms)
        new_segment = self._roll_if_full()
        records, entries, at = [], [], self._active.end
        for number, event in enumerate(events, self._next):
            record = encode_record(number, enqueued_ms, stamp(event, number, at, enqueued_ms))
            entries.append(RecordEntry(at, at + len(record), number, enqueued_ms))
            records.append(record)
            at += len(record)
        self._active.append(b"".join(records))
        self._next += len(entries)
        self._last_written_ms = enqueued_ms
        return Written(entries, new_segment)

    def _roll_if_full(self) -> Segment | None:
        if self._active.byte_count < self._segment_bytes:
            return None
        self._active = Segment.create(self._directory, self._next, self._active.end)
        return self._active

    def publish(self, written: Written) -> None:
        """Make written events visible."""
        if written.new_segment is not None:
            self._segments.append(written.new_segment)
        self._index(written.entries)
        self._visible_end = written.entries[-1].end

    def read(self, sequence_number: int, max_count: int, max_bytes: int) -> list[bytes]:
        """Return messages starting at a sequence number: at least one, if there is one."""
        first = max(sequence_number, self.begin)
        if first > self.last or max_count <= 0:
            return []
        segment, segment_last = self._segment_of(first)
        start = self._positions[first - self._index_first]
        fitting = self._last_within(start + max_bytes)
        last = max(first, min(fitting, first + max_count - 1, segment_last))
        bounds = list(self._positions[first - self._index_first : last - self._index_first + 1])
        bounds.append(self._end_of(last))
        data = segment.read(start, bounds[-1])
        return [data[left - start + HEAD_BYTES : right - start] for left, right in pairwise(bounds)]

    def _segment_of(self, sequence_number: int) -> tuple[Segment, int]:
        """Return the segment that holds an event, and that segment's last visible event."""
        following = bisect_right(
            self._segments, sequence_number, key=lambda segment: segment.first_sequence_number
        )
        at_end = following == len(self._segments)
        last = self.last if at_end else self._segments[following].first_sequence_number - 1
        return self._segments[following - 1], min(last, self.last)

    def _last_within(self, position: int) -> int:
        """Return the last event whose record ends at or before a position."""
        if position >= self._visible_end:
            return self.last
        return self._index_first + bisect_right(self._positions, position) - 2

    def _end_of(self, sequence_number: int) -> int:
        """Return where an event's record ends."""
        if sequence_number == self.last:
            return self._visible_end
        segment, segment_last = self._segment_of(sequence_number)
        if sequence_number == segment_last:
            return self._segments[self._segments.index(segment) + 1].base_position
        return self._positions[sequence_number + 1 - self._index_first]

    def first_at_offset(self, offset: int, *, inclusive: bool) -> int:
        """Return the first sequence number after (or at) an offset."""
        bisect = bisect_left if inclusive else bisect_right
        return self._index_first + bisect(self._positions, offset)

    def first_at_time(self, enqueued_ms: int, *, inclusive: bool) -> int:
        """Return the first sequence number enqueued after (or at) a time."""
        bisect = bisect_left if inclusive else bisect_right
        return self._index_first + bisect(self._times, enqueued_ms)

    def trim(self, begin: int) -> None:
        """Forget the events before a sequence number, and the files that hold nothing else."""
        self.begin = max(self.begin, min(begin, self.last + 1))
        while len(self._segments) > 1:
            following = self._segments[1].first_sequence_number
            # Keep the file of the last event: clients still ask for its offset and time.
            if following > min(self.begin, self.last):
                break
            self._segments.pop(0).remove()
        self._drop_index()

    def _drop_index(self) -> None:
        gone = self._segments[0].first_sequence_number - self._index_first
        del self._positions[:gone]
        del self._times[:gone]
        self._index_first += gone

    def save_begin(self) -> None:
        """Save how far retention has trimmed, so trimmed events stay gone after a restart."""
        if self.begin != self._saved_begin:
            replace_file(self._directory / "begin", str(self.begin).encode())
            self._saved_begin = self.begin

    def _read_begin(self) -> int:
        path = self._directory / "begin"
        return min(int(path.read_text()), self.last + 1) if path.exists() else 0

    def close(self) -> None:
        """Close the files."""
        self.save_begin()
        for segment in self._segments:
            segment.close()
