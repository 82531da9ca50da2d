"""What can be chosen, each number with its source."""
