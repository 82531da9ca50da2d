"""What was measured, kept for ever."""
