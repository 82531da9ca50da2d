"""A report before it is a file: neutral content and drawings, and writers to HTML and PDF."""
