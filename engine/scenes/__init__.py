"""Drawn scenes of which it is known whether they show a road: nobody's photographs."""
