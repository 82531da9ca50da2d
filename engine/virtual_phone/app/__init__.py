"""The lab's app as this phone runs it, and its end of the link."""
