"""The window: renders what the engine knows and asks what the person wants."""
