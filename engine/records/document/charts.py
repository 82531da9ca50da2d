"""Charts as drawings: over time, distribution, shares, intervals, and the scatter of variants."""

from engine.records.document.drawing import Drawing
from engine.records.document.scatter import Point, scatter_chart

__all__ = ["Drawing", "Point", "scatter_chart"]
