"""Part d: the cost of compressing a block, and how much it saves."""

import zlib
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.encoders import best_encoder
from benchmarks.encoding import ORIGIN
from benchmarks.measuring import TURN_SECONDS, measure
from benchmarks.readings import CONTRACT, events_of, json_bodies
from benchmarks.results import COLUMNS, Comparison, Section, table
from shared.encoding.compression import LEVELS, Codec, CodecName, compress
from shared.encoding.reference_encoder import Block

EVENTS, QUICK_EVENTS = 10_000, 500
REPETITIONS, QUICK_REPETITIONS = 15, 1
ZSTANDARD_LEVELS = (1, 3)
# fastavro, and so most Python code, uses deflate; level 6 is its default.
ZLIB_LEVELS = (1, 6)
Compress = Callable[[bytes], bytes]


def section(*, quick: bool) -> Section:
    """Measure every codec over the same blocks."""
    events = events_of(json_bodies(QUICK_EVENTS if quick else EVENTS))
    blocks = best_encoder()(CONTRACT).encode(events, ORIGIN).blocks
    codecs = _codecs()
    ways = {name: partial(_compress, codec, blocks) for name, codec in codecs.items()}
    comparison = Comparison(
        title=f"codec, over blocks of {len(blocks[0].data):,} bytes",
        events=len(events),
        ways=measure(
            ways,
            repetitions=QUICK_REPETITIONS if quick else REPETITIONS,
            least_seconds=0 if quick else TURN_SECONDS,
        ),
    )
    size = sum(len(block.data) for block in blocks)
    rows = [
        (name, *comparison.row(name), f"{size / _compress(codec, blocks):.2f}")
        for name, codec in codecs.items()
    ]
    return Section(
        letter="d",
        title="Codecs",
        lines=table((comparison.title, *COLUMNS, "ratio"), rows),
    )


def _codecs() -> dict[str, Compress]:
    """The codecs that can be configured, and zlib for comparison."""
    wanted: list[tuple[str, CodecName, int | None]] = [
        *((f"deflate {level}, by ISA-L", "deflate", level) for level in LEVELS["deflate"]),
        *((f"zstandard {level}", "zstandard", level) for level in ZSTANDARD_LEVELS),
        ("snappy", "snappy", None),
        ("null", "null", None),
    ]
    ours = {
        title: partial(compress, codec=Codec(name=name, level=level))
        for title, name, level in wanted
    }
    others = {f"deflate {level}, by zlib": partial(_deflate, level) for level in ZLIB_LEVELS}
    return {**ours, **others}


def _deflate(level: int, data: bytes) -> bytes:
    return zlib.compress(data, level, -15)


def _compress(codec: Compress, blocks: Sequence[Block]) -> int:
    """Compress every block; returns the compressed size."""
    return sum(len(codec(block.data)) for block in blocks)
