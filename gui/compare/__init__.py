"""The view "Compare": what each variant gives against what it costs, and which to ship."""
