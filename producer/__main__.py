"""Run `python -m producer --help` for the command line."""

import os
import sys

from producer.arguments import parse_options
from producer.errors import UsageError
from producer.run import run


def main(arguments: list[str] | None = None, prog: str = "python -m producer") -> int:
    """Send, report, and return 0 only if every event is in the hub."""
    options = parse_options(arguments, prog)
    try:
        report = run(options, os.environ)
    except UsageError as error:
        print(f"producer: {error}", file=sys.stderr)
        return 2
    if options.report is not None:
        report.write(options.report)
    for line in report.lines():
        print(line)
    for problem in report.problems():
        print(f"producer: {problem}", file=sys.stderr)
    return 0 if report.complete else 1


if __name__ == "__main__":
    sys.exit(main())
