"""One event of the quarantine: what became of it, and its bytes."""

from collections.abc import Iterator, Sequence

from ops.quarantine.events import QuarantinedEvent

BYTES_A_LINE = 32


def show_lines(item: QuarantinedEvent, landed_in: Sequence[str]) -> Iterator[str]:
    """All that is known of an event; `landed_in` are the files of the redrive that landed it."""
    event = item.event
    told = {
        "event": f"{item.place}  {event.sequence_number}",
        "enqueued": event.enqueued_at.isoformat(),
        "contract": item.contract or "(none)",
        "reason": item.reason,
        "field": item.field_path or "(the whole body)",
        "detail": item.detail,
        "content type": event.content_type or "(none)",
        "key": event.partition_key or "(none)",
        "properties": ", ".join(f"{name}={value}" for name, value in event.properties.items())
        or "(none)",
        "file": item.file,
        "redriven": f"by commit {item.redriven_by}, into {', '.join(landed_in)}"
        if landed_in
        else "no",
    }
    yield from (f"{name:<13} {_printable(value)}" for name, value in told.items())
    yield f"{'body':<13} {len(event.body):,} bytes"
    yield from body_lines(event.body)


def body_lines(body: bytes) -> Iterator[str]:
    """The bytes as text if a terminal shows exactly that text, else in hex."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and text == _printable(text, keep="\n\t"):
        yield from text.splitlines()
        return
    for start in range(0, len(body), BYTES_A_LINE):
        yield f"{start:08x}  {body[start : start + BYTES_A_LINE].hex(' ')}"


def _printable(text: str, *, keep: str = "") -> str:
    """A sender's text, without characters that control a terminal."""
    return "".join(
        char if char.isprintable() or char in keep else ascii(char)[1:-1] for char in text
    )
