"""The phone's files and properties; none of them is the host's."""
