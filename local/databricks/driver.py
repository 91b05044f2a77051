"""The process that runs one task's script: the runner starts it, but it imports nothing of ours.

It reads its task, one line of JSON, from its standard input, and runs the script as `__main__`.
While its standard input is open, the runner lives. When it closes, the driver kills its own
process group, and Spark with it. Its reports to the runner go to its standard output, as lines of
JSON; everything that the script writes goes to standard error, the log.

If its command line names a script, the driver calls that script's `main` before it takes its task.
That script opens a Spark session and warms it up, until a task arrives. The driver then leaves a
file `warm` beside its working directory.
"""

import json
import os
import queue
import runpy
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import IO, Any

_CHUNK = 65536


def main() -> int:
    """Run one script; the exit code is for people, the runner uses only the reports."""
    tasks_in, reports_out = _take_streams()
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_watch, args=(tasks_in, tasks), daemon=True).start()
    for script in sys.argv[1:]:
        runpy.run_path(script)["main"](lambda: not tasks.empty())
        Path(os.pardir, "warm").touch()
    task = json.loads(tasks.get())
    _report(reports_out, {"event": "started"})
    failure = _run(task)
    sys.stdout.flush()
    _report(reports_out, {"event": "ended", "used_spark": _has_used_spark(), **failure})
    return 1 if failure else 0


def _take_streams() -> tuple[int, IO[bytes]]:
    """Hide the runner's pipes from the script and its child processes."""
    tasks_in, reports_out = os.dup(0), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return tasks_in, reports_out


def _watch(tasks_in: int, tasks: "queue.SimpleQueue[bytes]") -> None:
    line = b""
    while more := os.read(tasks_in, _CHUNK):
        line += more
        if line.endswith(b"\n"):
            tasks.put(line)
    os.killpg(0, signal.SIGKILL)


def _report(out: IO[bytes], event: dict[str, Any]) -> None:
    out.write(json.dumps(event).encode() + b"\n")
    out.flush()


def _has_used_spark() -> bool:
    pyspark = sys.modules.get("pyspark")
    return pyspark is not None and pyspark.SparkContext._gateway is not None


def _run(task: dict[str, Any]) -> dict[str, str]:
    """Run the script; returns its error, if it raised one."""
    sys.argv = [task["script"], *task["parameters"]]
    try:
        runpy.run_path(task["script"], run_name="__main__")
    except SystemExit as end:
        if end.code in (None, 0):
            return {}
        return _failure(end)
    except BaseException as error:
        return _failure(error)
    return {}


def _failure(error: BaseException) -> dict[str, str]:
    """Describe an error, with only the script's own frames."""
    trace = traceback.TracebackException.from_exception(error)
    own = [frame for frame in trace.stack if not _is_ours(frame)]
    trace.stack = traceback.StackSummary.from_list(own)
    text = "".join(trace.format())
    sys.stderr.write(text)
    sys.stderr.flush()
    summary = "".join(traceback.format_exception_only(error)).strip()
    return {"error": summary, "error_trace": text}


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return frame.filename in (__file__, runpy.__file__) or frame.filename == "<frozen runpy>"


if __name__ == "__main__":
    sys.exit(main())
