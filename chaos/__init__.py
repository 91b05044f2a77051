"""The chaos suite: faults of every kind on a real local stack, and an account of every event.

`python -m chaos --seed N --minutes M`, or `make chaos`. Numbered events go into the hub all
the while. What is broken, and in what order, derives from the seed; what then races what does not.
"""
