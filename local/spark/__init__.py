"""Spark on this machine: the jars that pyspark's wheel lacks, and a session that starts fast."""
