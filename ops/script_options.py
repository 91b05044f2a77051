"""What a script takes on its command line, according to its own --help."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.errors import MisconfiguredError

OPTION = re.compile(r"(?<!\S)\(?(--[\w-]+)")
OPTIONAL = re.compile(r"\[[^\[\]]*\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptOptions:
    """The options that a script knows, and those that it requires."""

    known: frozenset[str]
    required: frozenset[str]


def read_scripts(folder: Path, names: frozenset[str]) -> Mapping[str, ScriptOptions]:
    """Ask each named script that exists; raises MisconfiguredError if one fails."""
    there = sorted(name for name in names if (folder / name).is_file())
    return {name: parse_usage(_read_help(folder / name)) for name in there}


def parse_usage(told: str) -> ScriptOptions:
    """Read argparse's help: the usage comes first, with what is optional in brackets."""
    usage = told.partition("\n\n")[0].removeprefix("usage:")
    required = usage
    while OPTIONAL.search(required):
        required = OPTIONAL.sub("", required)
    known = OPTION.findall(usage.replace("[", " ").replace("]", " "))
    return ScriptOptions(known=frozenset(known), required=frozenset(OPTION.findall(required)))


def _read_help(script: Path) -> str:
    """Run it as a module, as its imports require; with --help it ends before it does anything."""
    module = f"{script.parent.name}.{script.stem}"
    command = (sys.executable, "-m", module, "--help")
    done = subprocess.run(
        command, cwd=script.absolute().parent.parent, capture_output=True, text=True, check=False
    )
    if done.returncode:
        message = f"{script}: its --help fails: {done.stderr.strip()}"
        raise MisconfiguredError(message, hint="mend the job's file")
    return done.stdout
