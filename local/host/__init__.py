"""A local function host: runs an Azure Functions Python app without Core Tools.

It replaces the Functions host and its Python worker, which is a separate process here too. The
worker indexes `function_app.py`, converts trigger payloads with the azure-functions library's own
converters and runs the functions. The host listens for HTTP, timer, blob and Event Hubs triggers.
It copies the real host's faults on purpose: once the retries are spent, the Event Hubs checkpoint
advances even if the function failed.

Known gaps against the real host:

- Triggers: HTTP, timer, blob (polled) and Event Hubs only. Input and output bindings other than the
  HTTP response, deferred (SDK type) bindings, HTTP streaming and worker extensions are refused.
- Keys and auth levels are not checked (as with `func start`), and HTTP never uses TLS.
- One worker process. When it ends, or a function exceeds `functionTimeout`, this host ends with an
  error (or by the signal that ended the worker); the real host starts a new worker.
- Blob trigger: this host counts a blob's five tries in memory and makes them without a pause; the
  real host counts them on a queue message. There is no log-based scan and no Event Grid source.
- Event Hubs: the first batch after a start never waits for `minEventBatchSize` (the real host may
  wait for the rest of `maxWaitTime`). Without `dataType`, bodies are passed as JSON. Load balancing
  and ownership expiry are shorter than in Azure unless host.json sets them.
- If the host loses a partition during an invocation, the invocation runs to its end and its result
  is ignored, as in Azure. But here, the next invocation for that partition waits for it.
- A listener that was killed keeps its singleton lease for up to 15 s, so timers and blobs wait that
  long after a kill (up to a minute in Azure).
- An app cannot have a top-level package named `local`, because this package has that name.
- Timers run in UTC (`WEBSITE_TIME_ZONE` is not read).
- Route constraints other than int, long, alpha, guid and bool are refused.
- host.json: settings that this host does not use (extension bundles, sampling, health monitor,
  ...) are ignored.
"""
