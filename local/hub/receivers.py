"""Who may read a partition in a consumer group: epochs, ejection and the limit of five."""

from typing import Protocol

from local.hub import conditions
from local.hub.conditions import AmqpError

_MAX_RECEIVERS = 5


class Receiver(Protocol):
    """A link that reads a partition; epoch None means it does not claim the partition."""

    @property
    def epoch(self) -> int | None:
        """The owner level."""

    def detach(self, error: AmqpError) -> None:
        """Take the link down."""


class Receivers:
    """The receivers of one hub, by partition and consumer group."""

    def __init__(self) -> None:
        """Start with none."""
        self._held: dict[tuple[str, str], list[Receiver]] = {}

    def admit(self, partition_id: str, group: str, receiver: Receiver) -> None:
        """Admit a receiver, which ejects the others if it has an epoch, or refuse it."""
        held = self._held.setdefault((partition_id, group), [])
        holder = max((r.epoch for r in held if r.epoch is not None), default=None)
        if receiver.epoch is None:
            _check_without_epoch(held, holder)
        elif holder is not None and receiver.epoch < holder:
            raise conditions.lower_epoch(receiver.epoch, holder)
        else:
            self._eject_all(held, receiver.epoch)
        held.append(receiver)

    def _eject_all(self, held: list[Receiver], epoch: int) -> None:
        for loser in tuple(held):
            loser.detach(conditions.ejected(epoch, loser.epoch))
        held.clear()

    def leave(self, partition_id: str, group: str, receiver: Receiver) -> None:
        """Remove a receiver that has detached."""
        held = self._held.get((partition_id, group), [])
        if receiver in held:
            held.remove(receiver)


def _check_without_epoch(held: list[Receiver], holder: int | None) -> None:
    if holder is not None:
        raise conditions.epoch_required(holder)
    if len(held) >= _MAX_RECEIVERS:
        raise conditions.too_many_receivers(_MAX_RECEIVERS)
