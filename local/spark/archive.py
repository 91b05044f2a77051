"""An archive of Spark's loaded and verified classes; with it, a session starts twice as fast.

    python -m local.spark.archive

Java records the archive when a process ends, and maps it into later processes. Its name contains a
hash of everything it depends on, so an outdated one is never used. It only saves time.
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
    """The archive's path, whether it exists or not, for this Java, these jars and this pyspark."""
    found = hashlib.sha256(_java_version())
    shipped = (Path(pyspark.__file__).parent / "jars").glob("*.jar")
    for jar in sorted([*shipped, *(jar_path(coordinates) for coordinates in PINS)]):
        if jar.exists():
            about = jar.stat()
            found.update(f"{jar} {about.st_size} {about.st_mtime_ns}\n".encode())
    return KEPT / f"classes-{found.hexdigest()[:16]}.jsa"


def archive_option() -> str:
    """The Java option that uses the archive; empty if there is none."""
    if not archive_path().exists():
        return ""
    return f"-Xshare:auto -XX:SharedArchiveFile={archive_path()} -Xlog:cds=off,cds+dynamic=off"


def record_archive() -> None:
    """Record the archive if it is missing; an interrupted recording leaves nothing.

    Raises RuntimeError if Java recorded nothing.
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
    """Run the exercise; Java holds the output pipes, so this returns once Java has written."""
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
    """The output of `java -version`; empty if there is no Java."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else "java"
    try:
        return subprocess.run([java, "-version"], capture_output=True, check=False).stderr
    except OSError:
        return b""


if __name__ == "__main__":
    record_archive()
