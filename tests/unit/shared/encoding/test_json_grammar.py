"""Every production of JSON's grammar (RFC 8259), kept and broken, through both cores."""

import pytest

from fuzz.comparing import ORIGIN, find_difference, to_events
from shared.encoding.encoder_choice import choose_core
from shared.encoding.reference_encoder import EncodedRecords
from tests.builders import a_contract

SCALARS = ["null", "boolean", "long", "double", "string"]
ANYTHING = [*SCALARS, {"type": "array", "items": SCALARS}, {"type": "map", "values": SCALARS}]
KIND = {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}
CONTRACT = a_contract(
    {"name": "x", "type": ANYTHING},
    {
        "name": "kind",
        "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]},
        "default": "A",
    },
)
CORES = ["reference", "native"]

GOOD_VALUES = {
    "null": "null",
    "true": "true",
    "false": "false",
    "zero": "0",
    "minus zero": "-0",
    "minus zero with a point": "-0.0",
    "a digit": "7",
    "an integer": "1234567890",
    "a negative integer": "-42",
    "a fraction": "0.5",
    "a fraction of many digits": "3.14159265358979323846264338327950288419716939937510",
    "an exponent": "1e5",
    "a capital exponent": "1E5",
    "an exponent with plus": "1e+05",
    "an exponent with minus": "1e-5",
    "a fraction with an exponent": "-1.5e300",
    "zero with an exponent": "0e1",
    "a number too small for a double": "1e-400",
    "an integer beyond 64 bits": "123456789012345678901234567890",
    "an empty string": '""',
    "a string": '"text"',
    "a string of UTF-8": '"caf\u00e9 \u20ac \U0001f600"',
    "a string with delete": '"\x7f"',
    "a string with a line separator": '"\u2028\u2029"',
    "a string with a noncharacter": '"\uffff\U0010ffff"',
    "every short escape": r'"\"\\\/\b\f\n\r\t"',
    "an escaped letter": r'"\u0041"',
    "an escape of small and capital digits": r'"\u00e9\u00E9"',
    "an escaped zero": r'"\u0000"',
    "a surrogate pair": r'"\ud83d\ude00"',
    "a capital surrogate pair": r'"\uD83D\uDE00"',
    "an escaped quote at the end": r'"x\""',
    "an escaped backslash at the end": r'"x\\"',
    "a backslash before u": r'"\\u0041"',
    "an empty array": "[]",
    "an empty array with a space": "[ ]",
    "an array": "[1,2]",
    "an array of each kind": '[null,true,1,"x"]',
    "an empty object": "{}",
    "an object": '{"a":1,"b":2}',
    "an empty key": '{"":0}',
    "an escaped key": r'{"\u0061\n":0}',
    "keys that differ in case alone": '{"a":1,"A":1}',
    "spaces of each kind": " \t\n\r[ \t\n\r1 \t\n\r, \t\n\r2 \t\n\r] \t\n\r",
}
BAD_VALUES = {
    "nothing": "",
    "a plus": "+1",
    "a minus alone": "-",
    "two minuses": "--1",
    "a leading zero": "01",
    "a leading zero behind a minus": "-01",
    "a point alone": ".5",
    "a point at the end": "1.",
    "a point before an exponent": "1.e5",
    "two points": "1.2.3",
    "an exponent without digits": "1e",
    "an exponent with a sign alone": "1e+",
    "an exponent with a point": "1e0.5",
    "a hexadecimal number": "0x1F",
    "an octal number": "0o17",
    "an underscore in a number": "1_000",
    "a space in a number": "1 000",
    "a full-width digit": "\uff11",
    "a letter behind a number": "1a",
    "a cut null": "nul",
    "a capital null": "NULL",
    "Python's None": "None",
    "a capital true": "True",
    "a word behind true": "truex",
    "a cut NaN": "Na",
    "minus NaN": "-NaN",
    "a cut infinity": "-Infinit",
    "plus infinity": "+Infinity",
    "a bare word": "text",
    "single quotes": "'x'",
    "a string without an end": '"x',
    "a string that ends with an escape": '"x\\"',
    "a raw newline in a string": '"a\nb"',
    "a raw tab in a string": '"a\tb"',
    "a raw zero in a string": '"a\x00b"',
    "an unknown escape": r'"\x41"',
    "an escaped newline": '"\\\n"',
    "a capital escape": r'"\N"',
    "an escaped UTF-8 letter": '"\\\u00e9"',
    "an escape of one digit": r'"\u1"',
    "an escape of three digits": r'"\u123"',
    "an escape with a bad digit": r'"\u12G4"',
    "an escape with a sign": r'"\u+123"',
    "a capital U": r'"\U0041"',
    "a pair with a bad digit": r'"\ud83d\udeZZ"',
    "a pair that is cut": r'"\ud83d\u"',
    "an array without an end": "[1",
    "an array with a comma at the end": "[1,]",
    "an array with a comma at the start": "[,1]",
    "an array with two commas": "[1,,2]",
    "an array without a comma": "[1 2]",
    "an array with a colon": "[1:2]",
    "an array closed as an object": "[1}",
    "an array closed twice": "[1]]",
    "an object without an end": '{"a":1',
    "an object with a comma at the end": '{"a":1,}',
    "an object with a comma alone": "{,}",
    "an object with two commas": '{"a":1,,"b":1}',
    "an object without a comma": '{"a":1 "b":1}',
    "an object without a colon": '{"a" 1}',
    "an object with two colons": '{"a"::1}',
    "an object without a value": '{"a":}',
    "a key without a colon": '{"a"}',
    "a bare key": "{a:1}",
    "a number as a key": "{1:1}",
    "null as a key": "{null:1}",
    "single quotes around a key": "{'a':1}",
    "a comment": "1/*x*/",
    "a comment to the line's end": "1//x",
    "a hash comment": "1#x",
    "a no-break space": "\u00a01",
    "a form feed": "\f1",
    "a vertical tab": "\v1",
    "a zero byte": "\x001",
    "a byte order mark": "\ufeff1",
    "a word joiner": "\u20601",
}
WHOLE = {
    "an array": ("[]", "not_an_object"),
    "a number": ("1", "not_an_object"),
    "a string": ('"x"', "not_an_object"),
    "spaces": (" \n", "invalid_json"),
    "a byte order mark": ('\ufeff{"x":1}', "invalid_json"),
    "two objects": ('{"x":1}{"x":1}', "invalid_json"),
    "a comma behind": ('{"x":1},', "invalid_json"),
    "a zero byte behind": ('{"x":1}\x00', "invalid_json"),
    "a quote alone": ('"', "invalid_json"),
    "a brace alone": ("{", "invalid_json"),
    "NaN": ('{"x":NaN}', "wrong_type"),
    "infinity": ('{"x":-Infinity}', "wrong_type"),
    "a number too great for a double": ('{"x":1e400}', "wrong_type"),
    "an integer too great for a double": ('{"x":1' + "0" * 5000 + "}", "wrong_type"),
    "a key twice": ('{"x":1,"x":1}', "duplicate_key"),
    "a key twice, once escaped": (r'{"x":1,"\u0078":1}', "duplicate_key"),
    "a key twice, the other unknown": ('{"y":1,"x":1,"y":1}', "duplicate_key"),
    "an unknown key that holds a key twice": ('{"y":{"a":1,"a":1}}', "unknown_field"),
    "a key of a map twice": ('{"x":{"a":1,"b":1,"a":1}}', "wrong_type"),
    "a lone surrogate": (r'{"x":"\ud83d"}', "wrong_type"),
    "a lone low surrogate": (r'{"x":"\ude00"}', "wrong_type"),
    "a pair the wrong way round": (r'{"x":"\ude00\ud83d"}', "wrong_type"),
    "a lone surrogate as a key": (r'{"\ud83d":1}', "unknown_field"),
    "an escaped symbol that is none": (r'{"x":1,"kind":"\u0043"}', "unknown_symbol"),
    "128 levels": ('{"x":' + "[" * 127 + "]" * 127 + "}", "wrong_type"),
    "129 levels": ('{"x":' + "[" * 128 + "]" * 128 + "}", "json_too_deep"),
    "129 levels that are never closed": ('{"x":' + "[" * 128, "json_too_deep"),
    "100,000 levels": ("[" * 100_000, "json_too_deep"),
    "100,000 levels of objects": ('{"x":' * 100_000, "json_too_deep"),
}
NO_UTF8 = [
    b'{"x":"\xff"}',
    b'{"x":"\xc3"}',
    b'{"x":"\xc0\xaf"}',
    b'{"x":"\xed\xa0\x80"}',
    b'{"x":"\xf4\x90\x80\x80"}',
    b'{"x":1}\x80',
    b"\xff\xfe{\x00}\x00",
]
VALUES = [f'{{"x":{value}}}'.encode() for value in (*GOOD_VALUES.values(), *BAD_VALUES.values())]
BODIES = [*VALUES, *(body.encode() for body, _ in WHOLE.values()), *NO_UTF8]


@pytest.fixture(params=CORES)
def core(request: pytest.FixtureRequest) -> str:
    if request.param == "native":
        pytest.importorskip("landfall_native", reason="the native core is not built here")
    return str(request.param)


def encoded(core: str, body: bytes) -> EncodedRecords:
    encoder = choose_core([CONTRACT], core).encoder_of(CONTRACT)
    return encoder.encode(to_events([(body, False)]), ORIGIN)


def reason(core: str, body: bytes) -> str:
    found = encoded(core, body).rejections
    return found[0].reason.value if found else "none"


@pytest.mark.parametrize("value", GOOD_VALUES.values(), ids=GOOD_VALUES)
def test_what_the_grammar_allows_lands(core: str, value: str) -> None:
    assert reason(core, f'{{"x":{value}}}'.encode()) == "none"


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_what_the_grammar_does_not_allow_is_no_json(core: str, value: str) -> None:
    assert reason(core, f'{{"x":{value}}}'.encode()) == "invalid_json"


@pytest.mark.parametrize(("body", "why"), WHOLE.values(), ids=WHOLE)
def test_a_body_is_refused_for_what_it_is(core: str, body: str, why: str) -> None:
    assert reason(core, body.encode()) == why


@pytest.mark.parametrize("body", NO_UTF8)
def test_bytes_that_are_no_utf8_are_refused_before_anything_else(core: str, body: bytes) -> None:
    assert reason(core, body) == "invalid_utf8"


@pytest.mark.parametrize("symbol", [r'"\u0042"', '"B"', r'"\u0042" '])
def test_an_escaped_symbol_is_the_symbol(core: str, symbol: str) -> None:
    plain = encoded(core, b'{"x":1,"kind":"B"}')

    assert encoded(core, f'{{"\\u006bind":{symbol},"\\u0078":1}}'.encode()) == plain


def test_a_key_that_stands_twice_in_a_map_is_named_where_it_stands(core: str) -> None:
    contract = a_contract({"name": "x", "type": {"type": "map", "values": "long"}})
    encoder = choose_core([contract], core).encoder_of(contract)
    body = b'{"x":{"a":1,"b":2,"\\u0061":3}}'

    found = encoder.encode(to_events([(body, False)]), ORIGIN).rejections[0]

    assert (found.reason.value, found.path) == ("duplicate_key", 'x["a"]')


def test_the_cores_say_the_same_of_every_case() -> None:
    pytest.importorskip("landfall_native", reason="the native core is not built here")

    assert find_difference(CONTRACT, [(body, False) for body in BODIES]) is None
    assert all(find_difference(CONTRACT, [(body, False)]) is None for body in BODIES)
