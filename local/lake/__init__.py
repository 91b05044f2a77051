"""The lake gateway: ADLS Gen2 over a plain folder, for the unmodified SDK.

It serves the dfs calls of azure-storage-file-datalake, and those blob calls that this SDK makes
itself, so that `<data>/<filesystem>/<path>` is the same file to the SDK, to Spark and to a person.
Everything else of its own is under `<data>/.meta`. It imports nothing of Landfall's but
`local.kit`.

    python -m local.lake --port 10003 --control-port 10004 --data DIR --filesystem lake

A client is built from the URL `http://127.0.0.1:10003/landfalllake` and the credential
`{"account_name": ..., "account_key": ...}`, or from a connection string with `BlobEndpoint=` that
URL (the SDK reads the dfs endpoint from there too).

Errors come from the endpoint that the SDK calls: reading and describing a path, and all that is
done to filesystems, are blob calls (BlobNotFound, ContainerAlreadyExists), the rest are dfs calls
(PathNotFound, FilesystemNotFound).

The aio SDK signs another path than it sends where a name needs quoting and the client was made by a
client that was made by a client (service, filesystem, directory, file): AuthenticationFailed. Make
file and directory clients from the filesystem's.

Known gaps; what is not done is refused with 501 NotImplemented in the service's error shape:

- only Shared Key: no SAS, no Entra ID, no anonymous access, no user delegation key;
- no access control (owner, group and permissions are constants), leases, expiry, encryption keys
  or contexts, soft delete, snapshots, tags, query, batch, service properties, append blobs;
- renames are in the SDK's mode, "legacy" (a directory that holds something is no destination);
- of the blob endpoint only what the Data Lake SDK calls: no uploads and no blob listing;
- no CRC64 or structured bodies (MD5 is checked); metadata values are printable ASCII;
- the creation time is the time of the last change; a filesystem's name is free again at once;
- appended data below the committed length is taken and never used, and a flush short of appended
  data is refused unless it retains the rest (the service's words leave open whether it drops it);
- a path made by hand has an ETag of its inode and time, and a directory made by hand one of its
  inode, so that it can come back if the inode does;
- paths are listed depth first in order of code point, and each page walks the tree from its start;
- an append is not synced to disk before its flush, so power loss (not a kill) can drop it;
- properties of paths that someone else deletes stay behind in `.meta`, matching nothing.
"""
