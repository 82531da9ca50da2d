"""The Models view: every model the lab can know, what is here of it, and how often it is right."""
