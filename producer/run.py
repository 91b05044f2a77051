"""One run, from what was asked to what is reported."""

import asyncio
import signal
import sys
from collections.abc import Iterator, Mapping
from time import monotonic

from producer.arguments import Options
from producer.connection import Target, find_target, open_client
from producer.errors import ProducerError, UsageError
from producer.progress import shown_progress
from producer.report import Report
from producer.sending import send_events
from producer.source import file_events, synthesized_events
from producer.stream import OutgoingEvent
from producer.tally import SentTally
from shared.adapters.contract_files import load_contracts
from shared.contracts.catalog import ContractCatalog
from shared.contracts.contract import Contract
from shared.errors import MisconfiguredError
from shared.values.rejection import Rejection


def run(options: Options, environ: Mapping[str, str]) -> Report:
    """Send what was asked for; raises UsageError if it cannot begin.

    The report says what stopped a run midway, including an interruption.
    """
    contract = find_contract(options)
    target = find_target(options.hub, options.connection_string, options.stack, environ)
    events = make_events(options, contract)
    tally = SentTally()
    began = monotonic()
    error: str | None = None
    try:
        asyncio.run(_send(options, target, events, tally))
    except ProducerError as stopped:
        error = str(stopped)
    except (KeyboardInterrupt, asyncio.CancelledError):
        error = "interrupted"
    return Report(
        contract=str(contract.id),
        hub=f"{target.namespace}/{target.hub}",
        source=str(options.file) if options.file else "synthesized",
        body_format=options.body_format,
        seed=options.seed,
        seconds=monotonic() - began,
        error=error,
        tally=tally,
    )


async def _send(
    options: Options, target: Target, events: Iterator[OutgoingEvent], tally: SentTally
) -> None:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with open_client(target) as client, shown_progress(tally, options.count, sys.stderr):
        await send_events(client, events, options.pace, tally)


def find_contract(options: Options) -> Contract:
    """Find the contract that the events are to keep; raises UsageError."""
    try:
        contracts = ContractCatalog(load_contracts(options.contracts))
    except MisconfiguredError as error:
        raise UsageError(str(error)) from error
    found = contracts.find(options.contract)
    if isinstance(found, Rejection):
        known = ", ".join(str(contract.id) for contract in contracts)
        message = f"{found.detail}; known are {known}"
        raise UsageError(message)
    return found


def make_events(options: Options, contract: Contract) -> Iterator[OutgoingEvent]:
    """Make the events to send, lazily; raises UsageError if there can be none."""
    share, body_format = options.bad_share, options.body_format
    if options.file is not None:
        return file_events(contract, options.file, share, body_format)
    return synthesized_events(contract, options.count or 0, options.seed, share, body_format)
