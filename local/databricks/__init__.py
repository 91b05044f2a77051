"""The Databricks runner: the Jobs API 2.2 for the unmodified SDK, over real PySpark.

    python -m local.databricks --port 10005 --control-port 10006 --data DIR [--token TOKEN]

A client is `WorkspaceClient(host="http://127.0.0.1:10005", token=...)`; without `--token` any token
is accepted. Everything is under `<data>`. `runs` and `jobs` hold one JSON document each per run or
job, written to disk before the call is answered. `logs` holds the output of each attempt of a task.
`drivers` holds the working files of drivers, which are removed when a driver ends.
This package imports nothing of Landfall's but `local.spark` and `local.kit`.

Each `spark_python_task` is its own Python process, in a process group with its Spark. One run
executes at a time; the others are QUEUED in the order of submission. `python_file` is an absolute
path or a `file:` URI. PYTHONPATH is the runner's own, with the task's wheels before it; the
script's folder is not on it. `SparkSession.builder.getOrCreate()` opens a session with Avro and
Delta. `spark_conf` and `spark_env_vars` of a new cluster apply, except for its master and memory.
After a run that used Spark, a spare driver opens a session and warms it up for the next run that
asks for the same wheels, settings and variables. The spare serves one run, or ends when none comes
within `--spare-seconds`. A session that is open when a script starts keeps its static settings, as
on a cluster.

If the runner was killed, the next start ends each running attempt as INTERNAL_ERROR, driver lost
(or retries it, if `max_retries` allows), and continues with the queue. A driver dies with its
runner, however the runner ends.

The runner copies some behavior of the service that surprises clients. A missing run is 400
INVALID_PARAMETER_VALUE; the SDK turns that into ResourceDoesNotExist on a get and nowhere else. An
output belongs to a task's run, never to the whole run. A task must name its compute. Runs of a job
beyond `max_concurrent_runs` are SKIPPED unless `queue` is enabled.

Known gaps. The runner refuses what it does not support: calls with 404 ENDPOINT_NOT_FOUND, fields
with 400 FEATURE_DISABLED:

- every task but `spark_python_task`, `run_if`, `disabled`, outcomes of dependencies, more than 100
  tasks; the tasks of one run execute one after another, even if they could run in parallel;
- Git, DBFS, workspace and cloud files as scripts; libraries other than local wheels: nothing is
  installed, so the dependencies of a wheel must be there already;
- schedules, triggers, `continuous`, `run_as`, job parameters, `environment_variables`;
- run-now with other than `python_params`, canceling one of several tasks or all runs of a job,
  repairing and deleting runs, paging backwards or by offset, export, permissions, pipelines,
  clusters and all other APIs.

Accepted and shown, but without effect: the size and kind of clusters, policies, tags,
notifications, health rules, budgets. Other differences: clusters do not start, so PENDING is short.
Catalog tables end with their run; tables at a path stay. A run that waits to retry a task blocks
the queue. A run's timeout starts again when a restarted runner continues the run. A run's page for
people needs no token.
"""
