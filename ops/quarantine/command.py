"""`landfall quarantine`: list and show what broke its contract; redrive what passes now."""

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ops.options import (
    add_generation,
    add_numbers,
    add_partitions,
    add_stack,
    moment,
    number,
    numbers_of,
)
from ops.quarantine.dropped import HUB, read_dropped
from ops.quarantine.events import QuarantinedEvent, Selection
from ops.quarantine.reading import Quarantine
from ops.quarantine.redrive import Redriver
from ops.quarantine.report import (
    event_lines,
    group_document,
    group_events,
    group_lines,
    redrive_lines,
)
from ops.quarantine.showing import show_lines
from ops.stack_service import Stores, open_service
from shared.adapters.contract_files import CONTRACTS_FOLDER, load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.errors import MisconfiguredError
from shared.hub.address import PartitionAddress
from shared.hub.sequence_range import SequenceRange


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the three commands and what they take."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="count by contract and reason, or list the events")
    _add_selection(listing)
    listing.add_argument("--events", action="store_true", help="a line for each event")
    listing.add_argument("--limit", type=number, metavar="N", help="so many events (all)")
    listing.add_argument("--json", action="store_true", help="JSON; with --events one a line")
    listing.set_defaults(run=list_quarantine)
    showing = commands.add_parser("show", help="show one event, its reason and its bytes")
    showing.add_argument("--hub", metavar="NAME", help="the hub (the settings' own)")
    showing.add_argument("--partition", required=True, metavar="ID", help="the partition")
    showing.add_argument("--number", required=True, type=number, help="the sequence number")
    showing.add_argument("--generation", type=number, metavar="N", help="(the newest that has it)")
    showing.add_argument("--raw", action="store_true", help="write the body's bytes and no more")
    add_stack(showing)
    showing.set_defaults(run=show)
    redriving = commands.add_parser("redrive", help="land what passes its contract by now")
    _add_selection(redriving)
    redriving.add_argument(
        "--contracts", type=Path, default=CONTRACTS_FOLDER, metavar="DIR", help="(contracts)"
    )
    redriving.set_defaults(run=redrive)


def list_quarantine(options: argparse.Namespace) -> int:
    """Print the groups, or the events one by one."""
    stores, selection = open_service(options.stack), _selection(options)
    items = _read(stores, selection)
    if options.events:
        lines = event_lines(items, as_json=options.json, limit=options.limit)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    elif options.json:
        sys.stdout.write(f"{json.dumps(group_document(group_events(items)), indent=1)}\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in group_lines(group_events(items)))
    return 0


def show(options: argparse.Namespace) -> int:
    """Print one event as it is now; fails if it was never quarantined."""
    stores = open_service(options.stack)
    selection = Selection(
        hub=options.hub or stores.settings.hub,
        partition_id=options.partition,
        generation=options.generation,
        within=SequenceRange(first=options.number, last=options.number),
    )
    found = max(_read(stores, selection), key=lambda item: item.place.generation, default=None)
    if found is None:
        address = PartitionAddress(
            hub=options.hub or stores.settings.hub, partition_id=options.partition
        )
        message = f"{address} {options.number} is not in the quarantine"
        raise MisconfiguredError(message, hint="`quarantine list --events` shows what is")
    if options.raw:
        sys.stdout.buffer.write(found.event.body)
        return 0
    sys.stdout.writelines(f"{line}\n" for line in show_lines(found, _landed_in(stores, found)))
    return 0


def redrive(options: argparse.Namespace) -> int:
    """Redrive the selection, and print what became of it."""
    selection = _selection(options)
    if selection.hub == HUB:
        message = "a dropped file's rows cannot be redriven: the good ones are in silver already"
        raise MisconfiguredError(message, hint="drop the mended rows as a new file")
    stores = open_service(options.stack)
    settings = stores.settings
    quarantine = Quarantine(stores)
    redriver = Redriver(
        contracts=ContractCatalog(load_contracts(options.contracts), settings.default_contract),
        lake=stores.lake,
        ledger=stores.ledger,
        history=quarantine.history,
        codec=settings.codec,
        clock=lambda: datetime.now(UTC),
    )
    done = redriver.redrive(quarantine.read(selection))
    sys.stdout.writelines(f"{line}\n" for line in redrive_lines(done))
    return 0


def _add_selection(parser: argparse.ArgumentParser) -> None:
    add_partitions(parser)
    add_generation(parser)
    add_numbers(parser)
    parser.add_argument("--contract", metavar="NAME[/VERSION]", help="only of this contract (all)")
    parser.add_argument("--reason", metavar="CODE", help="only with this reason code (all)")
    parser.add_argument("--since", type=moment, metavar="TIME", help="enqueued at or after (all)")
    parser.add_argument("--until", type=moment, metavar="TIME", help="enqueued at or before (all)")
    add_stack(parser)


def _selection(options: argparse.Namespace) -> Selection:
    return Selection(
        hub=options.hub,
        partition_id=options.partition,
        generation=options.generation,
        within=numbers_of(options),
        contract=options.contract,
        reason=options.reason,
        since=options.since,
        until=options.until,
    )


def _read(stores: Stores, selection: Selection) -> Iterator[QuarantinedEvent]:
    yield from Quarantine(stores).read(selection)
    yield from read_dropped(stores, selection)


def _landed_in(stores: Stores, item: QuarantinedEvent) -> list[str]:
    """The files of the redrive by which the event landed."""
    if item.redriven_by is None:
        return []
    page = stores.ledger.list_commits(item.place.partition, item.redriven_by - 1, 1)
    return [file.path for batch in page for file in batch.files]
