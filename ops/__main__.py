"""The operator's commands: look after the service from outside, build and check."""

import argparse
import sys
from pathlib import Path

from ops import acknowledge, package, replay, windows
from ops.audit import command as audit
from ops.bundle import check_bundle
from ops.quarantine import command as quarantine
from shared.adapters.contract_files import CONTRACTS_FOLDER, load_all_gold, load_contracts
from shared.encoding.encoder_choice import choose_core
from shared.errors import LandfallError
from shared.settings import read_core_choice

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None, prog: str = "python -m ops") -> int:
    """Run one command; 0 when all is well, 1 with the reason when it is not."""
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    contracts = commands.add_parser("contracts", help="load the contracts as the service does")
    contracts.add_argument("--folder", type=Path, default=CONTRACTS_FOLDER)
    contracts.set_defaults(run=_contracts)
    bundle = commands.add_parser("bundle", help="check the Databricks bundle of the jobs")
    bundle.add_argument("--file", type=Path, default=ROOT / "jobs" / "databricks.yml")
    bundle.add_argument("--settings", type=Path, default=ROOT / "local.settings.sample.json")
    bundle.set_defaults(run=_bundle)
    package.add_options(
        commands.add_parser("package", help="make what is deployed, with the native core's wheels")
    )
    audit.add_options(
        commands.add_parser("audit", help="prove that each event is in the lake once")
    )
    acknowledge.add_options(
        commands.add_parser("acknowledge", help="say that what is lost has been seen")
    )
    windows.add_options(
        commands.add_parser("windows", help="list, retry and give up what Databricks failed to do")
    )
    replay.add_options(commands.add_parser("replay", help="land a range from the hub once more"))
    quarantine.add_options(
        commands.add_parser("quarantine", help="list, show and redrive what broke its contract")
    )
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except LandfallError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _contracts(options: argparse.Namespace) -> int:
    loaded, tables = load_contracts(options.folder), load_all_gold(options.folder)
    core = choose_core(loaded, read_core_choice())
    used = f"native core {core.version}" if core.version else "reference, as LANDFALL_CORE says"
    print(f"{len(loaded)} contracts; {core.problem or used}")
    for contract in loaded:
        fallback = core.fallbacks.get(contract.id)
        encoder = f"reference, {fallback}" if fallback else core.name
        gold = ", ".join(table.name for table in tables.get(contract.id.name, ()))
        print(f"  {contract.id}: {encoder}; gold: {gold or 'none'}")
    return 0


def _bundle(options: argparse.Namespace) -> int:
    jobs = check_bundle(options.file, options.settings)
    print(f"{len(jobs)} jobs: {', '.join(jobs)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
