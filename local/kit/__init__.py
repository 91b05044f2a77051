"""What the parts of the local stack have alike; it knows nothing of any of them.

Serving on the loopback, the control endpoint, faults, the command line, durable files, and waiting
for what is to come. It imports nothing of Landfall's.
"""
