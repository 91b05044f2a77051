"""The Databricks runner."""
