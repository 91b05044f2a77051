"""Options that several commands share: stack, partitions, numbers, times."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from shared.errors import MisconfiguredError
from shared.hub.sequence_range import SequenceRange

HIGHEST_NUMBER = 2**63 - 1


def add_stack(parser: argparse.ArgumentParser) -> None:
    """Declare where the settings come from."""
    parser.add_argument(
        "--stack",
        type=Path,
        metavar="FILE",
        help="a local stack's stack.json (the service's settings, from the environment)",
    )


def add_partitions(parser: argparse.ArgumentParser) -> None:
    """Declare which partitions; by default all that the ledger knows."""
    parser.add_argument("--hub", metavar="NAME", help="only this hub (all that the ledger knows)")
    parser.add_argument("--partition", metavar="ID", help="only this partition (all)")


def add_numbers(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Declare which sequence numbers."""
    parser.add_argument(
        "--from", dest="first", type=number, required=required, metavar="N", help="the first number"
    )
    parser.add_argument(
        "--to", dest="last", type=number, required=required, metavar="N", help="the last number"
    )


def add_generation(parser: argparse.ArgumentParser) -> None:
    """Declare which generation."""
    parser.add_argument("--generation", type=number, metavar="N", help="only this generation (all)")


def numbers_of(options: argparse.Namespace) -> SequenceRange | None:
    """The numbers that were asked for, None for all; raises MisconfiguredError for nonsense."""
    if options.first is None and options.last is None:
        return None
    if options.partition is None:
        message = "--from and --to are numbers of one partition"
        raise MisconfiguredError(message, hint="say which with --partition")
    return range_of(options.first or 0, HIGHEST_NUMBER if options.last is None else options.last)


def range_of(first: int, last: int) -> SequenceRange:
    """The numbers from one to the other; raises MisconfiguredError if there are none."""
    if first > last:
        message = f"--from {first} is above --to {last}"
        raise MisconfiguredError(message, hint="exchange them")
    return SequenceRange(first=first, last=last)


def number(text: str) -> int:
    """A sequence number, or a generation's; raises what argparse shows."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= HIGHEST_NUMBER):
        message = f"{text!r} is no number from 0 to {HIGHEST_NUMBER}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def moment(text: str) -> datetime:
    """A time in ISO 8601, in UTC if it names no offset; raises what argparse shows."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no time such as 2026-01-31T12:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
