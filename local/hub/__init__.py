"""An Event Hubs emulator that the unmodified azure-eventhub SDK accepts.

Start it with ``python -m local.hub``. It speaks AMQP 1.0 over plain TCP on the loopback interface
and keeps every acknowledged event in an append-only log on disk, so that a killed emulator has
lost nothing when it starts again. A second port takes commands: hubs, retention, faults.

Known gaps, each refused in the service's own error shape where a client can ask for it:

- No TLS, no AMQP over WebSocket, no Kafka endpoint, no HTTP data plane. Use a connection string
  with ``UseDevelopmentEmulator=true``.
- One shared access key for the whole namespace, with all rights (Listen, Send, Manage). Tokens of
  Microsoft Entra ID (``jwt``) are answered with 401.
- A token's expiry is checked when it is put and when a link attaches; a link that is open is not
  detached when its token expires.
- No publisher policies (``hub/Publishers/p``), no idempotent producers, no transactions, no
  schema registry, no capture, no geo-replication, no throughput units: throttling happens only
  when a fault asks for it.
- Senders that exceed their link credit are served, not detached (the SDK ignores credit).
- A refused attach is answered as the service answers it, without source and target and with a
  detach behind it. The asynchronous SDK's consumer then tries again for ever and tells nobody
  (except for ``amqp:link:stolen``); the synchronous one reports the error.
- Links are not resumed: unsettled state in an attach is ignored.
- Receivers get every event settled; the outcomes that they send are ignored, as by the service.
- Selector filters are understood in the three forms that the SDKs write, no others.
- A hub's partitions can be added to, never taken away; consumer groups are made with
  the hub, or named at a later start.
- Only ``$Default`` and the listed consumer groups exist, and names are case-insensitive.
"""
