"""What stops the producer, named by what the user does next."""


class ProducerError(Exception):
    """Base of the producer's errors; the message is the one line that a person reads."""


class UsageError(ProducerError):
    """The command or the file cannot be used: nothing was sent; fix it."""


class StalledError(ProducerError):
    """The hub took nothing for the user's whole patience: fix the hub, then send the rest."""


class HubRefusedError(ProducerError):
    """The hub refuses us for a lasting reason: key, name or permission."""
