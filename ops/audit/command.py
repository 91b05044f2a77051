"""`landfall audit`: prove that every event is in the lake once, or is named as missing."""

import argparse
import json
import os
import sys
import time

from ops.audit.pool import open_pool
from ops.audit.progress import ProgressBar
from ops.audit.report import audit_document, audit_lines
from ops.audit.run import Scope, run_audit
from ops.options import add_partitions, add_stack
from ops.stack_service import open_service
from shared.errors import MisconfiguredError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_partitions(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    add_stack(parser)
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="(one a core)"
    )
    parser.set_defaults(run=audit)


def audit(options: argparse.Namespace) -> int:
    """Audit, print, and return 0 only if all holds."""
    service = open_service(options.stack)
    scope = Scope(hub=options.hub, partition_id=options.partition)
    begun_at = time.monotonic()
    bar = ProgressBar(sys.stderr, time.monotonic)
    with open_pool(service.settings, max(1, options.processes)) as audit_batches:
        try:
            found = run_audit(service, scope, audit_batches, bar.show)
        finally:
            bar.clear()
    if not found.generations and scope != Scope():
        message = "the ledger knows no such partition"
        raise MisconfiguredError(message, hub=scope.hub, partition=scope.partition_id)
    seconds = time.monotonic() - begun_at
    if options.json:
        json.dump(audit_document(found, seconds), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in audit_lines(found, seconds))
    return 0 if found.ok else 1
