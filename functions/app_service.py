"""The one way for the functions to get the service."""

from threading import Lock

from shared.errors import MisconfiguredError
from shared.service import Service, utc_now
from shared.settings import read_settings
from shared.status.pipeline import PipelineStatus, failing_pipeline


class _Held:
    """The worker's one service; none until an invocation asks for it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.service: Service | None = None


_held = _Held()


def get_service() -> Service:
    """The service of the environment's settings; raises MisconfiguredError until they are right."""
    with _held.lock:
        if _held.service is None:
            _held.service = Service(read_settings())
        return _held.service


def use_service(service: Service | None) -> None:
    """Have the functions use this service; None makes the next invocation start cold."""
    with _held.lock:
        _held.service = service


def read_status() -> PipelineStatus:
    """Where everything stands; a configuration that cannot work makes it failing."""
    try:
        return get_service().status_reader.read()
    except MisconfiguredError as error:
        return failing_pipeline(f"configuration: {error}", utc_now())
