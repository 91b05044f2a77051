"""What both kinds of bodies share: drawn texts, counts, and the chance of an error."""

from random import Random

from fuzz.schemas import PATTERNS
from shared.values.avro_types import Primitive

UUIDS = ("00010203-0405-0607-0809-0a0b0c0d0e0f", "FFFFFFFF-ffff-ABCD-abcd-0123456789ab")
CHARACTERS = "aAbz09 _-.,:;{}[]/'\u00e9\u20ac\U0001f600\u2028\x7f\n\t\"\\\x00\x1f"


class Drawing:
    """`badness` is the chance that a part is replaced by something else."""

    def __init__(self, random: Random) -> None:
        """Keep the random source; nothing is bad until the badness is set."""
        self.random, self.badness = random, 0.0

    def _text(self) -> str:
        random = self.random
        if random.random() < 0.3:
            return random.choice(PATTERNS[random.choice(list(PATTERNS))])
        if random.random() < 0.3:
            return "".join(
                random.choice("aab1 \n-A\u00e9\u20ac") for _ in range(random.randint(0, 6))
            )
        return "".join(random.choice(CHARACTERS) for _ in range(random.choice([0, 1, 2, 3, 9, 20])))

    def _count(self) -> int:
        return self.random.choice(
            [0, 1, 2, 2, 3, 12, 70] if self.random.random() < 0.1 else [0, 1, 2]
        )

    def _integer(self, primitive: Primitive) -> int:
        bits = 31 if primitive.kind == "int" else 63
        width = self.random.choice([3, 7, 14, bits])
        if primitive.logical and self.random.random() < 0.9:
            return self.random.randint(0, 10**7 if bits == 31 else 10**10)
        return self.random.randint(-(2**width), 2**width - 1)
