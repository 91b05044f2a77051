"""The lake gateway: ADLS Gen2 over a plain folder, for the unmodified SDK.

It serves the dfs calls of azure-storage-file-datalake, and the blob calls that this SDK makes.
`<data>/<filesystem>/<path>` is the same file to the SDK, to Spark and to a person. The gateway
keeps its own files under `<data>/.meta`. It imports only `local.kit` of Landfall.

    python -m local.lake --port 10003 --control-port 10004 --data DIR --filesystem lake

A client is built from the URL `http://127.0.0.1:10003/landfalllake` and the credential
`{"account_name": ..., "account_key": ...}`, or from a connection string with `BlobEndpoint=` that
URL (the SDK reads the dfs endpoint from there too).

Errors come from the endpoint that the SDK calls. It reads and describes paths, and does everything
to filesystems, with blob calls (BlobNotFound, ContainerAlreadyExists); the rest are dfs calls
(PathNotFound, FilesystemNotFound).

If a name needs quoting, the aio SDK signs a different path than it sends when the client is three
clients deep (service, filesystem, directory, file): AuthenticationFailed. Make file and directory
clients from the filesystem's client.

Known gaps; an unsupported request gets 501 NotImplemented in the service's error shape:

- only Shared Key: no SAS, no Entra ID, no anonymous access, no user delegation key;
- no access control (owner, group and permissions are constants), leases, expiry, encryption keys
  or contexts, soft delete, snapshots, tags, query, batch, service properties, append blobs;
- renames work only in the SDK's mode, "legacy" (a directory with children is no destination);
- the blob endpoint has only the calls of the Data Lake SDK: no uploads and no blob listing;
- no CRC64 or structured bodies (MD5 is checked); metadata values are printable ASCII;
- the creation time is the time of the last change; a filesystem's name is free again at once;
- appended data below the committed length is accepted and never used; a flush that stops before
  the end of appended data is refused unless it retains the rest (the service's documentation does
  not say whether the service drops it);
- the ETag of a file made by hand comes from its inode and time, that of a directory made by hand
  from its inode alone, so the same ETag returns when the system reuses the inode;
- listings go depth first in order of code point, and each page walks the tree from its start;
- an append is not synced to disk before its flush, so power loss (not a kill) can lose it;
- if someone else deletes a path, its properties stay in `.meta` and match nothing.
"""
