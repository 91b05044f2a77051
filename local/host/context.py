"""The `context` argument of a function, in the real worker's shape."""

import threading
from dataclasses import dataclass, field

from local.host.logs import THREAD_LOCAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RpcException:
    """The failure that led to a retry."""

    source: str = ""
    stack_trace: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryContext:
    """How often the invocation was retried.

    The real worker names the third field `rpc_exception`, although the library documents
    `exception`. We do the same, so code that would fail in Azure fails here.
    """

    retry_count: int = 0
    max_retry_count: int = 0
    rpc_exception: RpcException = field(default_factory=RpcException)


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceContext:
    """The W3C trace context; this host does not trace."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The invocation's context."""

    invocation_id: str
    function_name: str
    function_directory: str
    retry_context: RetryContext
    trace_context: TraceContext = field(default_factory=TraceContext)
    thread_local_storage: threading.local = THREAD_LOCAL
