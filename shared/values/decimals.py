"""Exact decimal numbers, in the bytes that Avro keeps them in (Avro 1.11, Decimal)."""

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, InvalidOperation

from shared.values.avro_types import AvroDecimal, Fixed
from shared.values.rejection import Reason, reject

# A JSON number (RFC 8259, section 6).
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN)
BEYOND_ANY_EXPONENT = 999_999_999


def parse_number(text: str) -> Decimal:
    """Keep every digit of a number; an exponent too large for any type may change, but stays so."""
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        mantissa, _, exponent = text.lower().partition("e")
        sign = "-" if exponent.startswith("-") else "+"
        return Decimal(f"{mantissa}e{sign}{BEYOND_ANY_EXPONENT}")


def encode_decimal(value: str | float | Decimal, decimal: AvroDecimal) -> bytes:
    """Encode a number, or the text of one, exactly as it is; raises RejectedError."""
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        reject(Reason.BAD_DECIMAL, "not a number as JSON writes it")
    number = parse_number(str(value))
    if not number.is_finite():
        reject(Reason.NOT_FINITE, "NaN or infinity")
    units = _count_units(number, decimal)
    storage = decimal.storage
    size = storage.size if isinstance(storage, Fixed) else _shortest(units)
    return units.to_bytes(size, "big", signed=True)


def check_decimal_bytes(data: bytes, decimal: AvroDecimal) -> bytes:
    """Return the bytes of a decimal as an Avro body has them; raises RejectedError."""
    if not data:
        reject(Reason.BAD_DECIMAL, "a number without bytes")
    if abs(int.from_bytes(data, "big", signed=True)) >= 10**decimal.precision:
        reject(Reason.OUT_OF_RANGE, f"more than {decimal.precision} digits")
    return data


def decode_decimal(data: bytes, decimal: AvroDecimal) -> Decimal:
    """The number that the bytes are, with all the digits of its scale."""
    return EXACT.scaleb(Decimal(int.from_bytes(data, "big", signed=True)), -decimal.scale)


def _count_units(number: Decimal, decimal: AvroDecimal) -> int:
    """Count in units of the last place; refuse digits beyond it instead of rounding."""
    if not number:
        return 0
    before = decimal.precision - decimal.scale
    if number.adjusted() >= before:
        reject(Reason.OUT_OF_RANGE, f"more than {before} digits before the point")
    units = EXACT.scaleb(number, decimal.scale)
    if units.adjusted() < 0 or units != units.to_integral_value():
        reject(Reason.OUT_OF_RANGE, f"more than {decimal.scale} digits after the point")
    return int(units)


def _shortest(units: int) -> int:
    """How many bytes hold a number and its sign, as in Java's BigInteger."""
    return (units if units >= 0 else ~units).bit_length() // 8 + 1
