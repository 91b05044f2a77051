"""`landfall package`: make what is deployed to Azure, with the native core's wheels."""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ROOT = Path(__file__).parent.parent
WHEELS = "wheels"
# The machines that Azure's plans run on, by pip's names for them.
TARGETS: Mapping[str, str] = {
    "x86_64": "x86_64-unknown-linux-gnu",
    "aarch64": "aarch64-unknown-linux-gnu",
}
# The oldest C library of Azure's Linux images for Python 3.11 and later.
OLDEST_LIBRARY = "manylinux_2_17"
# Takes crate, target and the wheel's folder; returns why it failed, or an empty text.
Build = Callable[[Path, str, Path], str]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--into", type=Path, default=ROOT / "dist" / "app")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the folder, its wheels and its zip file; say what is in them."""
    folder: Path = options.into
    copy_app(ROOT, folder)
    wheels = build_wheels(ROOT / "native", folder / WHEELS, build_wheel)
    name_wheels(folder / "requirements.txt", wheels)
    archive = zip_folder(folder)
    cores = ", ".join(wheels) or "none: the service runs on the reference"
    sys.stdout.write(f"{folder} and {archive.name}: native core for {cores}\n")
    return 0


def copy_app(root: Path, folder: Path) -> None:
    """Copy what .funcignore leaves into a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in deployed_names(root):
        source, target = root / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)


def deployed_names(root: Path) -> Iterator[str]:
    """The top-level names that .funcignore leaves; its later lines overrule earlier ones."""
    patterns = (root / ".funcignore").read_text().split()
    for path in sorted(root.iterdir()):
        fitting = [line for line in patterns if fnmatch(f"/{path.name}", line.removeprefix("!"))]
        if not fitting or fitting[-1].startswith("!"):
            yield path.name


def build_wheels(crate: Path, into: Path, build: Build) -> Mapping[str, Path]:
    """Build a wheel for each machine, by machine; say which could not be built, and why."""
    wheels = {}
    for machine, target in TARGETS.items():
        problem = build(crate, target, into)
        if problem:
            sys.stdout.write(f"no wheel for {machine}: {problem}\n")
        else:
            (wheels[machine],) = into.glob(f"*{OLDEST_LIBRARY}_{machine}.whl")
    return wheels


def name_wheels(requirements: Path, wheels: Mapping[str, Path]) -> None:
    """Add the wheels to the requirements, so that pip takes the one for its machine."""
    lines = [
        f'./{WHEELS}/{wheel.name}; platform_machine == "{machine}"\n'
        for machine, wheel in wheels.items()
    ]
    requirements.write_text(requirements.read_text() + "".join(lines))


def zip_folder(folder: Path) -> Path:
    """Pack the folder as a zip deployment takes it: its content at the top."""
    archive = folder.with_suffix(".zip")
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            packed.write(path, path.relative_to(folder))
    return archive


def build_wheel(crate: Path, target: str, into: Path) -> str:
    """Build the target's wheel; returns why it failed, in one line, or an empty text."""
    if shutil.which("rustc") is None or shutil.which("cargo") is None:
        return "Rust (cargo) is not here"
    if not _has_target(target):
        return f"Rust has no target for it here: run `rustup target add {target}`"
    return _build(crate, target, into)


def _has_target(target: str) -> bool:
    command = ["rustc", "--print", "target-libdir", "--target", target]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.returncode == 0 and Path(told.stdout.strip()).is_dir()


def _build(crate: Path, target: str, into: Path) -> str:
    """Build against an old C library with zig, which is a Python package and needs no root."""
    command = [
        *(sys.executable, "-m", "maturin", "build", "--quiet", "--release", "--zig"),
        *("--compatibility", OLDEST_LIBRARY, "--target", target),
        *("--manifest-path", str(crate / "Cargo.toml"), "--out", str(into)),
    ]
    # Zig comes as a package too, and is found on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
    return told_error(done.stderr) if done.returncode else ""


def told_error(output: str) -> str:
    """Find the reason in a builder's output, as one line."""
    lines = [line.strip().removeprefix("Caused by: ") for line in output.splitlines()]
    told = [line for line in lines if line]
    # The first error is the reason; its consequences and the failed command follow it.
    errors = [line for line in told if line.startswith("error")]
    return errors[0] if errors else ": ".join(told[-2:]) or "its builder says no more"
