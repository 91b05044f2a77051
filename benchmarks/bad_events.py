"""The cost of bad events compared with none: in the core alone, and on a batch's whole way."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial

from benchmarks.encoders import NATIVE, encoders
from benchmarks.json_ways import Batch, Way, encode, over, split
from benchmarks.measuring import TURN_SECONDS, measure
from benchmarks.readings import CONTRACT, PLACE, events_of, json_bodies
from benchmarks.results import Claim, Comparison, at_most, compare
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.contracts.origin import Origin
from shared.encoding.compression import Codec
from shared.encoding.reference_encoder import RecordEncoder
from shared.landing.batch_files import encode_batch

SHARES = (Fraction(0), Fraction(1, 100), Fraction(1, 2))
EVENTS, QUICK_EVENTS = 10_000, 200
BATCH_SIZE, QUICK_BATCH_SIZE = 1_000, 100
REPETITIONS, QUICK_REPETITIONS = 50, 1
CLAIMS = (
    ("the core alone: 1 % bad events, times none", 1.05),
    ("the core alone: 50 % bad events, times none", 1.5),
)
KNOWN = ContractCatalog([CONTRACT])


class BadEvents:
    """Each share in SHARES of bad events, measured in turns with the native core."""

    def __init__(self, origin: Origin, *, quick: bool) -> None:
        """Measure both; raises KeyError if the native core is not built."""
        encoder = encoders(CONTRACT)[NATIVE]
        self._core = _measure("the core", partial(encode, encoder, origin), quick=quick)
        self._whole = _measure("all of `encode_batch`", partial(_encode, encoder), quick=quick)

    def lines(self) -> Iterator[str]:
        """The table of the whole way, and what it shows."""
        yield from compare(self._whole)
        few, half = _times_none(self._whole)
        core_few, core_half = _times_none(self._core)
        yield ""
        yield (
            "That is a batch's whole way into its files, with the native core: contracts resolved, "
            "events judged and encoded, blocks framed and compressed, and each bad event written "
            f"to the quarantine's file with its reason. With 1 % of bad events it is {few:.2f} "
            f"times as dear as with none, with 50 % {half:.2f} times; the core alone, which only "
            f"finds the reason, {core_few:.2f} and {core_half:.2f} times."
        )

    def claims(self) -> list[Claim]:
        """The claims about the core."""
        return [
            at_most(what, seen, bound)
            for (what, bound), seen in zip(CLAIMS, _times_none(self._core), strict=True)
        ]


def _measure(title: str, way: Way, *, quick: bool) -> Comparison:
    count, size = (QUICK_EVENTS, QUICK_BATCH_SIZE) if quick else (EVENTS, BATCH_SIZE)
    runs = {
        name: run
        for share in SHARES
        for name, run in over(
            split(events_of(json_bodies(count, bad_share=share)), size),
            {f"{float(share):.0%} bad": way},
        ).items()
    }
    return Comparison(
        title=f"{title}, 420 B, batches of {size:,}",
        events=count,
        ways=measure(
            runs,
            repetitions=QUICK_REPETITIONS if quick else REPETITIONS,
            least_seconds=0 if quick else TURN_SECONDS,
        ),
    )


def _encode(encoder: RecordEncoder, events: Batch) -> object:
    def encoder_of(_: Contract) -> RecordEncoder:
        return encoder

    return encode_batch(events, PLACE, KNOWN, Codec(), encoder_of=encoder_of)


def _times_none(shares: Comparison) -> tuple[float, ...]:
    none, *others = (measured.cpu for measured in shares.ways.values())
    return tuple(other.ratio(none) for other in others)
