"""The view "History": every run that was kept, to find, look at, compare, tag, hand out, delete."""
