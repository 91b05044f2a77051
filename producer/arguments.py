"""The command line."""

import argparse
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from producer.sending import Pace
from producer.stream import BodyFormat

CONTRACTS = Path(__file__).resolve().parent.parent / "contracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the producer was asked to do; exactly one of `count` and `file` is given."""

    #: Name, or name/version.
    contract: str
    #: How many events to synthesize.
    count: int | None
    #: The file whose rows to send.
    file: Path | None
    #: The share of events that are made bad.
    bad_share: Fraction
    #: What the synthesized and the bad events derive from.
    seed: int
    #: How bodies are written.
    body_format: BodyFormat
    #: How fast to send, and how patiently.
    pace: Pace
    #: Where to write the report, if anywhere.
    report: Path | None
    #: The hub; None: the stack's or the environment's own.
    hub: str | None
    #: Where to send, instead of a stack or the environment.
    connection_string: str | None
    #: The stack.json of the stack to send to.
    stack: Path | None
    #: The folder of the contracts.
    contracts: Path


def parse_options(
    arguments: Sequence[str] | None = None, prog: str = "python -m producer"
) -> Options:
    """Read the command line; exits with a usage message if it makes no sense."""
    given = _parser(prog).parse_args(arguments)
    return Options(
        contract=given.contract,
        count=given.count,
        file=given.file,
        bad_share=given.bad,
        seed=secrets.randbelow(2**32) if given.seed is None else given.seed,
        body_format=given.format,
        pace=Pace(rate=given.rate, patience_seconds=given.patience),
        report=given.report,
        hub=given.hub,
        connection_string=given.connection,
        stack=given.stack,
        contracts=given.contracts,
    )


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Sends synthesized events, or a file's rows, into a hub, and accounts for "
        "each of them. Ends with 0 only if every event is in the hub.",
    )
    parser.add_argument("--contract", required=True, metavar="NAME", help="name, or name/version")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--count", type=_count, metavar="N", help="synthesize N events")
    source.add_argument(
        "--file", type=Path, metavar="PATH", help="replay .csv .jsonl .ndjson .json .avro .parquet"
    )
    _add_events(parser)
    _add_target(parser)
    return parser


def _add_events(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--bad",
        type=_share,
        default=Fraction(),
        metavar="FRACTION",
        help="share of known-bad events, of every reason in turn; in addition to a file's rows. "
        "(body_too_large cannot be had: the hub itself refuses such a message)",
    )
    parser.add_argument("--seed", type=int, metavar="S", help="same seed, same events")
    parser.add_argument("--format", choices=("json", "avro"), default="json", help="of the bodies")
    parser.add_argument("--rate", type=_positive, metavar="R", help="events/s (default: no limit)")
    parser.add_argument(
        "--patience",
        type=_positive,
        default=60.0,
        metavar="SECONDS",
        help="give up when the hub takes nothing for so long (default %(default)s)",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what happened as JSON")


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--hub", metavar="H", help="default: LANDFALL_HUB, or else events")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--connection", metavar="STRING", help="a namespace's connection string")
    where.add_argument(
        "--stack",
        type=Path,
        metavar="FILE",
        help="a local stack's stack.json (default: .local/stack.json if that stack runs, else "
        "LANDFALL_EVENTHUBS or LANDFALL_EVENTHUBS__fullyQualifiedNamespace)",
    )
    parser.add_argument(
        "--contracts", type=Path, default=CONTRACTS, metavar="DIR", help="default: contracts/"
    )


def _count(text: str) -> int:
    count = int(text)
    if count < 0:
        message = "a count is not negative"
        raise argparse.ArgumentTypeError(message)
    return count


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        message = "it is above 0"
        raise argparse.ArgumentTypeError(message)
    return number


def _share(text: str) -> Fraction:
    try:
        share = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        message = f"{text!r} is no number"
        raise argparse.ArgumentTypeError(message) from error
    if not 0 <= share <= 1:
        message = "a share is from 0 to 1"
        raise argparse.ArgumentTypeError(message)
    return share
