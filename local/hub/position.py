"""A receiver's start position, read from the selector filters that the SDKs write."""

import re

from local.hub import conditions
from local.hub.partition_log import PartitionLog

_SELECTOR = re.compile(
    r"amqp\.annotation\.x-opt-(offset|sequence-number|enqueued-time)\s*(>=?)\s*'([^']*)'"
)


def start_of(selector: str | None, log: PartitionLog) -> int:
    """Return the first sequence number to deliver; without a selector, the first one kept."""
    if selector is None:
        return log.begin
    match = _SELECTOR.fullmatch(selector.strip())
    if match is None:
        raise conditions.invalid_filter(selector)
    kind, inclusive, value = match[1], match[2] == ">=", match[3]
    if kind == "offset":
        return _from_offset(value, inclusive, log)
    try:
        number = int(value)
    except ValueError:
        raise conditions.invalid_filter(selector) from None
    if kind == "enqueued-time":
        return log.first_at_time(number, inclusive=inclusive)
    if number > log.last:
        raise conditions.invalid_sequence_number(number, log.last)
    return number if inclusive else number + 1


def _from_offset(value: str, inclusive: bool, log: PartitionLog) -> int:
    if value == "-1":
        return log.begin
    if value == "@latest":
        return log.last if inclusive else log.last + 1
    if not value.isdecimal() or int(value) > int(log.last_offset):
        raise conditions.invalid_offset(value, log.last_offset)
    return log.first_at_offset(int(value), inclusive=inclusive)
