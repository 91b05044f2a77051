"""The local stack: start it, look at it, stop it; run the main job on it."""

import argparse
import json
import sys
import urllib.request
from collections import Counter
from pathlib import Path

from local.app_settings import app_settings
from local.demo import Load, run_demo
from local.demo_checks import DemoError
from local.dropzone import drop_file
from local.stack import Stack, StackError, open_stack


def main(arguments: list[str] | None = None, prog: str = "python -m local") -> int:
    """Run one command; returns 0 if it succeeded."""
    options = _parser(prog).parse_args(arguments)
    try:
        return int(options.run(options))
    except (StackError, DemoError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--port-base", type=int, metavar="N", help="ports N to N+9, not the usual")
    common.add_argument("--data", type=Path, metavar="DIR", help="state and logs (.local)")
    up = commands.add_parser("up", parents=[common], help="start what does not run yet")
    up.add_argument("--no-host", action="store_true", help="leave the function host to `func`")
    up.add_argument(
        "--hub", action="append", metavar="NAME:PARTITIONS", help="hubs to make (events:4)"
    )
    up.set_defaults(run=_up)
    down = commands.add_parser("down", parents=[common], help="stop every process")
    down.set_defaults(run=_down)
    status = commands.add_parser("status", parents=[common], help="what runs, and where it stands")
    status.set_defaults(run=_status)
    demo = commands.add_parser("demo", parents=[common], help="run the main job, and check it")
    demo.add_argument("--count", type=int, default=20_000, help="events to synthesize (20000)")
    demo.add_argument("--bad", type=float, default=None, help="share of bad ones (0.01)")
    demo.add_argument("--file", type=Path, help="replay this file instead")
    demo.add_argument("--contract", default="telemetry", help="what the events are (telemetry)")
    demo.add_argument("--drop", action="store_true", help="drop the file, instead of sending it")
    demo.set_defaults(run=_demo)
    drop = commands.add_parser("drop", parents=[common], help="put a file into the drop zone")
    drop.add_argument("file", type=Path)
    drop.add_argument("--contract", required=True, help="what its rows are")
    drop.set_defaults(run=_drop)
    return parser


def _up(options: argparse.Namespace) -> int:
    stack = open_stack(options.data, options.port_base)
    started = stack.up(tuple(options.hub or ()), with_host=not options.no_host)
    print(f"started {', '.join(started)}" if started else "everything runs already")
    _show(stack)
    return 0


def _down(options: argparse.Namespace) -> int:
    stopped = open_stack(options.data, options.port_base).down()
    print(f"stopped {', '.join(reversed(stopped))}" if stopped else "nothing was running")
    return 0


def _status(options: argparse.Namespace) -> int:
    stack = open_stack(options.data, options.port_base)
    _show(stack)
    names = [part.name for part in stack.running()]
    if "host" not in names:
        return 0 if names else 1
    with urllib.request.urlopen(f"{stack.host_url}/api/status", timeout=10) as answer:
        document = json.load(answer)
    totals = document["ingest"]["totals"]
    print(f"state      {document['state']}  {'; '.join(document['reasons'])}".rstrip())
    print("events     " + ", ".join(f"{count:,} {name}" for name, count in totals.items()))
    runs = Counter(run["state"] for run in [*document["transform"]["runs"], *document["dropzone"]])
    told = [f"{count:,} {state}" for state, count in runs.items()]
    print(f"runs       {', '.join(told) or 'none'}")
    return 0


def _show(stack: Stack) -> None:
    for part in stack.running():
        print(f"{part.name:10} pid {part.pid}")
    print(f"status     {stack.host_url}/api/status")
    print(f"lake       {stack.data / 'lake'}")
    print(f"settings   {stack.file}")


def _drop(options: argparse.Namespace) -> int:
    stack = open_stack(options.data, options.port_base)
    if not options.file.is_file():
        message = f"{options.file} is no file"
        raise StackError(message)
    path = f"{options.contract}/{options.file.name}"
    drop_file(app_settings(stack.ports, stack.data), options.file, path)
    print(f"dropped {path}; what becomes of it: {stack.host_url}/api/status, under dropzone")
    return 0


def _demo(options: argparse.Namespace) -> int:
    if options.drop and not options.file:
        message = "--drop needs a --file"
        raise DemoError(message)
    load = Load(
        contract=options.contract,
        file=options.file,
        count=options.count,
        bad=options.bad,
        is_dropped=options.drop,
    )
    run_demo(load, options.data, options.port_base)
    return 0


if __name__ == "__main__":
    sys.exit(main())
