"""`landfall windows list|retry|give-up`: work whose runs failed, and what becomes of it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from ops.options import add_stack
from ops.stack_service import open_service
from shared.errors import MisconfiguredError
from shared.service import Service
from shared.transform.work import Work, WorkKind, given_up, retried
from shared.transform.work_store import WorkStore

KINDS: tuple[WorkKind, ...] = ("window", "upload")
EVERY = 1_000_000_000
Settle = Callable[[Work, datetime], Work]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the three commands and what they take."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="what waits for a person, and what is under way")
    add_stack(listing)
    listing.set_defaults(run=list_windows)
    for name, settle, told, summary in (
        ("retry", retried, "will be tried again", "start failed windows anew, once it is mended"),
        ("give-up", given_up, "is given up", "leave windows out of silver for good"),
    ):
        command = commands.add_parser(name, help=summary)
        command.add_argument("window", nargs="*", metavar="WINDOW", help="the window's id")
        command.add_argument("--all", action="store_true", help="every window that failed")
        add_stack(command)
        command.set_defaults(run=settle_windows, settle=settle, told=told)


def list_windows(options: argparse.Namespace) -> int:
    """Print the failed work and the active work; 1 where some has failed."""
    works = open_service(options.stack).works
    failed = find_failed(works)
    active = [stored.work for stored in works.list_active()]
    sys.stdout.writelines(f"{line}\n" for line in window_lines([*failed, *active]))
    return 1 if failed else 0


def settle_windows(options: argparse.Namespace) -> int:
    """Retry or give up what was named; 0 only if all of it could be."""
    if options.all == bool(options.window):
        message = "name the windows, or say --all"
        raise MisconfiguredError(message, hint="`landfall windows list` shows them")
    service: Service = open_service(options.stack)
    failed = {work.work_id: work for work in find_failed(service.works)}
    wanted = list(failed) if options.all else options.window
    unknown = [work_id for work_id in wanted if work_id not in failed]
    if unknown:
        message = f"{', '.join(unknown)} has not failed, or is not known"
        raise MisconfiguredError(message, hint="`landfall windows list` shows what has")
    settled = [
        service.works.settle(failed[work_id], options.settle(failed[work_id], service.clock()))
        for work_id in wanted
    ]
    for work_id, is_settled in zip(wanted, settled, strict=True):
        told = options.told if is_settled else "was settled by somebody else meanwhile"
        sys.stdout.write(f"{work_id} {told}\n")
    return 0 if all(settled) else 1


def find_failed(works: WorkStore) -> Sequence[Work]:
    """All work that waits for a person; of earlier versions it stands among the ended."""
    found = {
        work.work_id: work
        for kind in KINDS
        for work in (*works.list_failed(kind, EVERY), *works.list_recent(kind, EVERY))
        if work.waits_for_person
    }
    return tuple(found.values())


def window_lines(works: Sequence[Work]) -> Iterator[str]:
    """What a person reads of them."""
    for work in works:
        waits = f", not before {work.not_before.isoformat()}" if work.not_before else ""
        yield f"{work.work_id}  {work.contract}  {work.state}, attempt {work.attempt}{waits}"
        if work.error:
            yield f"  {work.error}"
    yield f"{len(works):,} windows and dropped files"
