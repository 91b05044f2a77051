"""The service: a pure core, its ports, and the adapters behind them."""
