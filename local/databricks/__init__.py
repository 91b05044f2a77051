"""The Databricks runner: the Jobs API 2.2 for the unmodified SDK, over real PySpark.

    python -m local.databricks --port 10005 --control-port 10006 --data DIR [--token TOKEN]

A client is `WorkspaceClient(host="http://127.0.0.1:10005", token=...)`; without `--token` any
passes. Everything is under `<data>`: `runs` and `jobs` hold a JSON document each, on disk before
it is answered, `logs` what each attempt of a task wrote, `drivers` what is removed when it ends.
It imports nothing of Landfall's but `local.spark` and `local.kit`.

Each `spark_python_task` is a Python process of its own, in a process group with its Spark. One run
at a time has its turn, the others are QUEUED in the order of submission. `python_file` is an
absolute path or a `file:` URI. PYTHONPATH is the runner's own with the task's wheels before it; the
script's folder is not on it. `SparkSession.builder.getOrCreate()` opens a session with Avro and
Delta; `spark_conf` and `spark_env_vars` of a new cluster count, but not its master and its memory.
After a run that used Spark, a spare driver opens a session and warms it up for the next run that
asks for the same wheels, settings and variables; it serves one run, or ends when none comes within
`--spare-seconds`. A session that a script finds open keeps its static settings, as on a cluster.

After a kill the next start ends what ran as INTERNAL_ERROR, driver lost (or tries it again, where
`max_retries` says so), and goes on with the queue. A driver dies with its runner, however it ends.

As the service does, and clients stumble over it: a run that is not there is 400
INVALID_PARAMETER_VALUE, out of which the SDK makes ResourceDoesNotExist on a get and nowhere else;
the output is that of a task's run, never of the whole run; a task has to name its compute; runs of
a job beyond `max_concurrent_runs` are SKIPPED unless queued.

Known gaps; what is not done is refused, calls with 404 ENDPOINT_NOT_FOUND, fields with 400
FEATURE_DISABLED:

- every task but `spark_python_task`, `run_if`, `disabled`, outcomes of dependencies, more than 100
  tasks; tasks of one run go one after another, also where they could go side by side;
- Git, DBFS, workspace and cloud files as scripts; libraries other than local wheels: nothing is
  installed, so what a wheel depends on has to be there;
- schedules, triggers, `continuous`, `run_as`, job parameters, `environment_variables`;
- run-now with other than `python_params`, canceling one of several tasks or all runs of a job,
  repairing and deleting runs, paging backwards or by offset, export, permissions, pipelines,
  clusters and all other APIs.

Taken, shown and without effect: the size and kind of clusters, policies, tags, notifications,
health rules, budgets. Clusters do not start, so PENDING is short; tables of the catalog, unlike
those at a path, end with their run; a retry waits for its interval with the turn in its hands; a
run's timeout begins anew when a restart goes on with it; pages of runs ask for no token.
"""
