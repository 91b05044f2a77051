"""The service's errors, with one named constructor per failure."""

from dataclasses import dataclass

from local.hub.amqp_encode import encode_described_list
from local.hub.amqp_types import Symbol


@dataclass(eq=False)
class AmqpError(Exception):
    """A refusal in the service's own shape: a condition for programs, a description for people."""

    condition: str
    description: str

    def __str__(self) -> str:
        """Format condition and description for logs."""
        return f"{self.condition}: {self.description}"

    def encode(self) -> bytes:
        """Return the ``error`` composite."""
        return encode_described_list(0x1D, [Symbol(self.condition), self.description, None])


def entity_not_found(entity: str) -> AmqpError:
    """A hub or consumer group that does not exist."""
    return AmqpError("amqp:not-found", f"The messaging entity '{entity}' could not be found.")


def invalid_partition(partition_id: str, count: int) -> AmqpError:
    """A partition that the hub does not have."""
    return AmqpError(
        "com.microsoft:argument-out-of-range",
        "The specified partition is invalid for an EventHub partition sender or receiver. "
        f"It should be between 0 and {count - 1}, and is '{partition_id}'.",
    )


def unauthorized(entity: str) -> AmqpError:
    """No valid token of this connection covers the link's address."""
    return AmqpError(
        "amqp:unauthorized-access",
        f"Unauthorized access. 'Listen' or 'Send' claim(s) are required for '{entity}'.",
    )


def invalid_offset(offset: str, last: str) -> AmqpError:
    """A start offset past the end, for example after the hub was deleted and made again."""
    return AmqpError(
        "com.microsoft:argument-error",
        f"The supplied offset '{offset}' is invalid. The last offset in the system is '{last}'",
    )


def invalid_sequence_number(number: int, last: int) -> AmqpError:
    """A start sequence number past the end."""
    return AmqpError(
        "com.microsoft:argument-error",
        f"The supplied sequence number '{number}' is invalid. "
        f"The last sequence number in the system is '{last}'",
    )


def invalid_filter(expression: str) -> AmqpError:
    """A selector in an unknown form."""
    return AmqpError("amqp:invalid-field", f"The selector '{expression}' cannot be parsed.")


def ejected(new_epoch: int, old_epoch: int | None) -> AmqpError:
    """A receiver that lost its partition to another."""
    held = "no epoch" if old_epoch is None else f"epoch '{old_epoch}'"
    return AmqpError(
        "amqp:link:stolen",
        f"New receiver 'nil' with higher epoch of '{new_epoch}' is created hence current receiver "
        f"'nil' with {held} is getting disconnected. "
        "If you are recreating the receiver, make sure a higher epoch is used.",
    )


def lower_epoch(epoch: int, held: int) -> AmqpError:
    """A receiver whose epoch is too low."""
    return AmqpError(
        "amqp:link:stolen",
        f"Receiver 'nil' with a higher epoch '{held}' already exists. Receiver 'nil' with epoch "
        f"{epoch} cannot be created. Make sure you are creating receiver with increasing epoch "
        "value to ensure connectivity, or ensure all old epoch receivers are closed or "
        "disconnected.",
    )


def epoch_required(held: int) -> AmqpError:
    """A receiver without an epoch where another holds one."""
    return AmqpError(
        "amqp:link:stolen",
        f"At least one receiver for the endpoint is created with epoch of '{held}', and so "
        "non-epoch receiver is not allowed. Either reconnect with a higher epoch, or make sure "
        "all epoch receivers are closed or disconnected.",
    )


def too_many_receivers(limit: int) -> AmqpError:
    """More receivers than a consumer group may have on one partition."""
    return AmqpError(
        "amqp:resource-limit-exceeded",
        "Exceeded the maximum number of allowed receivers per partition in a consumer group "
        f"which is {limit}.",
    )


def message_too_large(limit: int) -> AmqpError:
    """A message above the link's maximum."""
    return AmqpError(
        "amqp:link:message-size-exceeded",
        f"The received message exceeds the limit ({limit} bytes) currently allowed on the link.",
    )


def undecodable(reason: str) -> AmqpError:
    """Bytes that are not an AMQP message."""
    return AmqpError("amqp:decode-error", f"The message could not be decoded: {reason}.")


def server_busy() -> AmqpError:
    """The service asks the client to slow down."""
    return AmqpError(
        "com.microsoft:server-busy",
        "The request was terminated because the entity is being throttled. "
        "Please wait 4 seconds and try again.",
    )


def detach_forced(reason: str) -> AmqpError:
    """The service detaches a link for its own reasons; the client may attach again."""
    return AmqpError("amqp:link:detach-forced", reason)


def invalid_field(reason: str) -> AmqpError:
    """A frame with an invalid field."""
    return AmqpError("amqp:invalid-field", reason)


def not_allowed(reason: str) -> AmqpError:
    """A frame that is not allowed in the current state."""
    return AmqpError("amqp:not-allowed", reason)


def framing_error(reason: str) -> AmqpError:
    """Bytes that are not a frame."""
    return AmqpError("amqp:connection:framing-error", reason)


def shutting_down() -> AmqpError:
    """The emulator stops."""
    return AmqpError("amqp:connection:forced", "The service is shutting down.")


def internal_error(reason: str) -> AmqpError:
    """The emulator itself failed, for example a write to disk."""
    return AmqpError("amqp:internal-error", reason)
