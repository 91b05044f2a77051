"""The chaos suite: faults of every kind on a real local stack, and an account of every event.

`python -m chaos --seed N --minutes M`, or `make chaos`. Numbered events flow into the hub the whole
time. The seed decides the faults and their order; which processes then race is not repeatable.
"""
