"""The Live view's newer parts: what is planned, how it goes, what came of it."""
