"""QA sessions: a plan done on several phones, and what came of each step."""
