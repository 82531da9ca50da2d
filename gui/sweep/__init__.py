"""Sweeps and A/B tests in the window: what to measure, how it goes, and what it says."""
