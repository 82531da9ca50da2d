"""The conversation with the phone app."""
