"""What stops the producer, named by what its user does next."""


class ProducerError(Exception):
    """Base of the producer's errors; the message is the one line that a person reads."""


class UsageError(ProducerError):
    """The command or the file cannot be used: nothing was sent; mend it."""


class StalledError(ProducerError):
    """The hub took nothing for as long as the user has patience: see to the hub, send the rest."""


class HubRefusedError(ProducerError):
    """The hub refuses us for a reason that does not pass by itself: key, name or permission."""
