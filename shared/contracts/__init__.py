"""Contracts: what an event must be, and how files name its fields."""
