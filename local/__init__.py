"""The local stack: emulators of the Azure services, and the command that runs them. Never deployed."""
