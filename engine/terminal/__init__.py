"""The lab's actions in a terminal; ``engine.cli`` puts them together."""
