"""Other engines that turn a file of JSON events into lake files, each set up as its users do.

Every module has `prepare(source, target)`, which starts what it needs and returns the work to run.
"""
