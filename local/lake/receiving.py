"""Receiving an append: its bytes go to a scratch file, whole or not at all."""

import asyncio
import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from local.lake import errors
from local.lake.call import Call
from local.lake.disk import scratch_name
from local.lake.errors import LakeError
from local.lake.store import Store

_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An append's bytes, in a file that nobody else sees."""

    draft: Path
    length: int


async def receive(store: Store, call: Call) -> Received:
    """Receive the body; a broken connection or a wrong MD5 leaves nothing behind."""
    draft = await asyncio.to_thread(scratch_name, store.folders.scratch)
    file = await asyncio.to_thread(draft.open, "wb")
    try:
        digest, length = await _copy(call, file)
        _check_md5(call, digest)
    except BaseException:
        draft.unlink()
        raise
    finally:
        file.close()
    return Received(draft=draft, length=length)


async def _copy(call: Call, file: BinaryIO) -> tuple[bytes, int]:
    hashed, length = hashlib.md5(), 0
    wants_hash = "content-md5" in call.headers
    async for chunk in call.request.content.iter_chunked(_CHUNK_BYTES):
        await asyncio.to_thread(file.write, chunk)
        length += len(chunk)
        if wants_hash:
            hashed.update(chunk)
    return hashed.digest(), length


def _check_md5(call: Call, digest: bytes) -> None:
    wanted = call.headers.get("content-md5")
    if wanted is not None and wanted != base64.b64encode(digest).decode():
        raise LakeError(errors.MD5_MISMATCH)
