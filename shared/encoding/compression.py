"""How the blocks of a container file are compressed (Avro 1.11, Object Container Files: Codecs)."""

import sys
import zlib
from dataclasses import dataclass
from typing import Literal

import cramjam
from isal import isal_zlib

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CodecName = Literal["deflate", "zstandard", "snappy", "null"]
LEVELS: dict[CodecName, range] = {"deflate": range(4), "zstandard": range(1, 23)}
FASTEST_THAT_PACKS = 1
WITHOUT_HEADER = -15


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """The codec and its level (see LEVELS); None lets the codec choose."""

    name: CodecName = "deflate"
    level: int | None = None


def compress(data: bytes, codec: Codec) -> bytes:
    """Compress a block's records; the same bytes each time, for one version of the libraries."""
    match codec.name:
        case "deflate":
            level = FASTEST_THAT_PACKS if codec.level is None else codec.level
            return isal_zlib.compress(data, level, WITHOUT_HEADER)
        case "zstandard":
            return zstd.compress(data, codec.level)
        case "snappy":
            return bytes(cramjam.snappy.compress_raw(data)) + zlib.crc32(data).to_bytes(4, "big")
        case "null":
            return data
