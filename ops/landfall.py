"""`landfall`: the one command that groups all others."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

PROG = "landfall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: what it does in a line, and what runs it."""

    summary: str
    run: Callable[[list[str]], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, or list them all; 2 if there is no such command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given[0] if given else "--help"
    if name in ("-h", "--help", "help"):
        sys.stdout.writelines(f"{line}\n" for line in help_lines())
        return 0
    commands = {known: command for group in GROUPS.values() for known, command in group.items()}
    if name not in commands:
        sys.stderr.write(f"{PROG}: no command is named {name!r}: see `{PROG} --help`\n")
        return 2
    return commands[name].run(given)


def help_lines() -> Iterator[str]:
    """What a person reads of the commands, group by group."""
    yield f"usage: {PROG} COMMAND ...     ({PROG} COMMAND --help says what it takes)"
    for group, commands in GROUPS.items():
        yield ""
        yield f"{group}:"
        for name, command in commands.items():
            yield f"  {name:<12} {command.summary}"


# Each program is imported only when it is needed: `landfall --help` needs none of them.
def _run_local(arguments: list[str]) -> int:
    from local.__main__ import main as run

    return run(arguments, prog=PROG)


def _run_producer(arguments: list[str]) -> int:
    from producer.__main__ import main as run

    return run(arguments[1:], prog=f"{PROG} {arguments[0]}")


def _run_ops(arguments: list[str]) -> int:
    from ops.__main__ import main as run

    return run(arguments, prog=PROG)


GROUPS: Mapping[str, Mapping[str, Command]] = {
    "The local stack": {
        "demo": Command(summary="run the main job on a stack of its own", run=_run_local),
        "up": Command(summary="start the local stack, and leave it running", run=_run_local),
        "down": Command(summary="stop the local stack", run=_run_local),
        "status": Command(summary="say what runs, and where everything stands", run=_run_local),
        "send": Command(
            summary="send synthesized events, or a file's, to a hub", run=_run_producer
        ),
        "drop": Command(summary="put a file into the drop zone", run=_run_local),
    },
    "Look after the service": {
        "audit": Command(summary="prove that each event is in the lake once", run=_run_ops),
        "quarantine": Command(
            summary="list, show and redrive what broke its contract", run=_run_ops
        ),
        "replay": Command(summary="land a range of the hub once more", run=_run_ops),
        "windows": Command(summary="list, retry and give up failed windows", run=_run_ops),
        "acknowledge": Command(summary="say that lost events have been seen", run=_run_ops),
    },
    "Build and check": {
        "contracts": Command(summary="load the contracts as the service does", run=_run_ops),
        "bundle": Command(summary="check the Databricks bundle of the jobs", run=_run_ops),
        "package": Command(summary="make what is deployed to Azure", run=_run_ops),
    },
}


if __name__ == "__main__":
    sys.exit(main())
