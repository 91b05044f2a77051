"""A local function host: runs an Azure Functions Python app without Core Tools.

It stands in for the Functions host and its Python worker, which is a process of its own here too:
the worker indexes `function_app.py`, converts trigger payloads through the azure-functions
library's own converters and runs the functions; the host listens for HTTP, timer, blob and Event
Hubs triggers. It copies the real host's faults on purpose: an Event Hubs checkpoint moves on once
the retries are spent, also when the function failed.

Known gaps against the real host:

- Triggers: HTTP, timer, blob (polled) and Event Hubs only. Input and output bindings other than the
  HTTP response, deferred (SDK type) bindings, HTTP streaming and worker extensions are refused.
- Keys and auth levels are not checked (as with `func start`), and HTTP is never TLS.
- One worker process. When it ends, or a function exceeds `functionTimeout`, this host ends with an
  error (or by the signal that ended the worker), where the real host starts a new worker.
- Blob trigger: a blob's five tries are counted in memory and follow one another at once; the real
  host counts them on a queue message. There is no log-based scan and no Event Grid source.
- Event Hubs: the first batch after a start never waits for `minEventBatchSize` (the real host may
  wait for the rest of `maxWaitTime`). `dataType` unset is handed over as JSON. Load balancing and
  ownership expiry are shorter than in Azure unless host.json sets them.
- An invocation that outlives its partition's ownership ends unseen, as in Azure, but a new one
  for that partition waits for it here.
- A listener that was killed keeps its singleton lease for up to 15 s, so timers and blobs wait that
  long after a kill (up to a minute in Azure).
- An app cannot have a top-level package named `local`, which is this one's.
- Timers run in UTC (`WEBSITE_TIME_ZONE` is not read).
- Route constraints other than int, long, alpha, guid and bool are refused.
- host.json: what it does not use (extension bundles, sampling, health monitor, ...) is ignored.
"""
