"""An Event Hubs emulator that the unmodified azure-eventhub SDK accepts.

Start it with ``python -m local.hub``. It speaks AMQP 1.0 over plain TCP on the loopback interface
and keeps every acknowledged event in an append-only log on disk, so a killed emulator loses
nothing. A second port takes commands: hubs, retention, faults.

Known gaps. If a client can ask for one, it gets an error in the service's own shape:

- No TLS, no AMQP over WebSocket, no Kafka endpoint, no HTTP data plane. Use a connection string
  with ``UseDevelopmentEmulator=true``.
- One shared access key for the whole namespace, with all rights (Listen, Send, Manage). Microsoft
  Entra ID tokens (``jwt``) get 401.
- The emulator checks a token's expiry when the client puts it and when a link attaches. An open
  link stays attached when its token expires.
- No publisher policies (``hub/Publishers/p``), no idempotent producers, no transactions, no
  schema registry, no capture, no geo-replication, no throughput units: only a fault causes
  throttling.
- A sender that exceeds its link credit is served, not detached (the SDK ignores credit).
- The emulator refuses an attach as the service does: without source and target, followed by a
  detach. The asynchronous SDK's consumer then retries forever and reports nothing (except for
  ``amqp:link:stolen``); the synchronous one reports the error.
- Links are not resumed: the emulator ignores unsettled state in an attach.
- Events go out settled. Like the service, the emulator ignores the outcomes that receivers send.
- Selector filters work only in the three forms that the SDKs write.
- Partitions can be added to a hub but not removed. Consumer groups are made with the hub, or
  named at a later start.
- Only ``$Default`` and the listed consumer groups exist, and names are case-insensitive.
"""
