"""What else turns a file of JSON events into files of a lake, each as its users set it up.

Every module has `prepare(source, target)`, which starts what must be started and returns the work.
"""
