"""Spark code that Databricks runs: what has landed becomes silver and gold Delta tables.

The same files run on Databricks and on a laptop: the session's settings come from outside, and
every path is a parameter.
"""
