"""Code that the parts of the local stack share; it knows none of them.

It covers serving on the loopback, the control endpoint, faults, the command line, durable files,
and waiting. It imports nothing of Landfall's.
"""
