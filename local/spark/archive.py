"""An archive of Spark's classes, loaded and verified: a session starts in half the time with it.

    python -m local.spark.archive

Java records it at the end of a process and maps it into later ones. It is named by all that it
depends on, so that none is used where it does not fit; a session without one is only slower.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pyspark

from local.spark.jars import KEPT, PINS, jar_path
from local.spark.settings import script_environment

EXERCISE = Path(__file__).with_name("exercise.py")
_RECORDING_SECONDS = 300


@cache
def archive_path() -> Path:
    """Where the archive is, or would be, for this Java, these jars and this pyspark."""
    found = hashlib.sha256(_java_version())
    shipped = (Path(pyspark.__file__).parent / "jars").glob("*.jar")
    for jar in sorted([*shipped, *(jar_path(coordinates) for coordinates in PINS)]):
        if jar.exists():
            about = jar.stat()
            found.update(f"{jar} {about.st_size} {about.st_mtime_ns}\n".encode())
    return KEPT / f"classes-{found.hexdigest()[:16]}.jsa"


def archive_option() -> str:
    """What tells Java to use the archive; empty where there is none."""
    if not archive_path().exists():
        return ""
    return f"-Xshare:auto -XX:SharedArchiveFile={archive_path()} -Xlog:cds=off,cds+dynamic=off"


def record_archive() -> None:
    """Record the archive if it is missing; what is interrupted leaves none, and no half of one.

    Raises RuntimeError where Java recorded nothing.
    """
    if archive_path().exists():
        return
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        draft = Path(folder) / "classes.jsa"
        _record(draft)
        with draft.open("rb") as written:
            os.fsync(written.fileno())  # Java crashes on an archive that is cut short
        draft.replace(archive_path())
    for outdated in KEPT.glob("classes-*.jsa"):
        if outdated != archive_path():
            outdated.unlink()


def _record(draft: Path) -> None:
    """Run the exercise; Java holds the output pipes, so this returns when it has written all."""
    recording = f"-XX:ArchiveClassesAtExit={draft} -Xlog:disable -Xlog:all=error:stderr"
    done = subprocess.run(
        [sys.executable, str(EXERCISE)],
        env={**os.environ, **script_environment(draft.parent, {}, recording)},
        cwd=draft.parent,
        capture_output=True,
        text=True,
        timeout=_RECORDING_SECONDS,
        check=False,
    )
    if not draft.exists():
        message = f"Java recorded no archive of Spark's classes:\n{done.stderr[-1000:]}"
        raise RuntimeError(message)


def _java_version() -> bytes:
    """All that Java says of itself; nothing where there is none."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    try:
        return subprocess.run([java, "-version"], capture_output=True, check=False).stderr
    except OSError:
        return b""


if __name__ == "__main__":
    record_archive()
