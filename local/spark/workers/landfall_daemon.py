"""Forks Spark's Python workers, as `pyspark.daemon` does, but without archives in their path.

For each task, the worker scans its path again. Python 3.11 then reads the whole directory of each
archive, which takes 0.2 s. pyspark is installed, so no worker needs its archive.
"""

import sys


def main() -> None:
    """Ignore the archives that Spark puts into the path, and run Spark's own daemon."""
    archives = {entry for entry in sys.path if entry.endswith((".zip", ".jar"))}
    sys.path[:] = [entry for entry in sys.path if entry not in archives]
    for entry in archives:
        sys.path_importer_cache.pop(entry, None)
    from pyspark.daemon import manager

    manager()  # type: ignore[no-untyped-call]  # pyspark does not type it


if __name__ == "__main__":
    main()
