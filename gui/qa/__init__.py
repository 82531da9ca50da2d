"""The view "QA": a plan with limits, done on several phones at once, and what came of it."""
