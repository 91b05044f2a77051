"""Say where everything stands."""
