"""Take in dropped files."""
