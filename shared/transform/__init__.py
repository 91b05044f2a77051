"""Give what is committed to Databricks, window by window."""
