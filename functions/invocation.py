"""What every function does around its one call: ids, one log line for the outcome, errors."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import azure.functions as func

from shared.errors import BadRequestError, DependencyUnavailableError, LandfallError
from shared.logs import Outcome, log_event


class Invocation:
    """One invocation: the ids that its log lines carry, and how it ended."""

    def __init__(self, function: str, context: func.Context) -> None:
        """Begin, with the host's id of the invocation."""
        self.logger = logging.getLogger(f"landfall.{function}")
        self.ids: dict[str, object] = {"invocation_id": context.invocation_id}
        self._outcome = Outcome(event=f"{function}_ended")

    def add_ids(self, **ids: object) -> None:
        """Add ids once they are known: partition, sequence numbers, path."""
        self.ids.update(ids)

    def end(self, outcome: Outcome) -> None:
        """Say how it ends."""
        self._outcome = outcome

    def log(self, outcome: Outcome) -> None:
        """Log one more line before the end."""
        log_event(self.logger, outcome.level, outcome.event, **{**self.ids, **outcome.fields})

    def log_end(self) -> None:
        """Log the one line that states the outcome."""
        self.log(self._outcome)


@contextmanager
def invocation(function: str, context: func.Context) -> Iterator[Invocation]:
    """Run one invocation; log an error and raise it again, so that the host sees it too.

    A dependency that is down is a warning: the host retries. Any other error needs a person.
    """
    running = Invocation(function, context)
    try:
        yield running
    except Exception as error:
        told = str(error) if isinstance(error, LandfallError) else repr(error)
        running.log(
            Outcome(
                event=f"{function}_failed",
                level=_level_of(error),
                fields={"error": told},
            )
        )
        raise
    running.log_end()


def answer_json(
    function: str, context: func.Context, make: Callable[[], Mapping[str, object]]
) -> func.HttpResponse:
    """Answer a request with a document: 400 for a bad parameter, 503 where a store is down."""
    with invocation(function, context) as running:
        status_code, level, document = _make_document(make)
        fields = {"status_code": status_code}
        running.end(Outcome(event="request_answered", level=level, fields=fields))
        return func.HttpResponse(
            json.dumps(document), status_code=status_code, mimetype="application/json"
        )


def _make_document(
    make: Callable[[], Mapping[str, object]],
) -> tuple[int, int, Mapping[str, object]]:
    """The status code, the log line's level, and the document."""
    try:
        return 200, logging.INFO, make()
    except BadRequestError as error:
        return 400, logging.INFO, {"error": str(error)}
    except LandfallError as error:
        return 503, _level_of(error), {"error": str(error)}


def _level_of(error: Exception) -> int:
    """A dependency that is down is a warning: it is tried again. The rest needs a person."""
    is_transient = isinstance(error, DependencyUnavailableError)
    return logging.WARNING if is_transient else logging.ERROR
