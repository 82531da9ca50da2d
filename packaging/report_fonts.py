"""Makes the fonts of PDF reports from those of the window.

Inter comes with cubic outlines and proportional figures; what writes the PDFs embeds quadratic
outlines only and knows no features. So the outlines are converted, the tabular figures take the
place of the usual ones, and the scripts that no report is written in are left out.

Usage: python3 packaging/report_fonts.py  (with fontTools installed: pip install fonttools)

The result is the same bytes each time.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

ASSETS = Path(__file__).resolve().parent.parent / "assets"
WEIGHTS = ("Regular", "SemiBold")
ERROR = 1.0
"""How far a quadratic outline may lie from the cubic one, in 1/2816 of the type's size."""
BLOCKS = (
    (0x20, 0x24F), (0x370, 0x3FF), (0x400, 0x45F), (0x2000, 0x2044), (0x2070, 0x209C),
    (0x20A0, 0x20BF), (0x2100, 0x2126), (0x2190, 0x2199), (0x2202, 0x2265), (0x25A0, 0x25CF),
    (0x2713, 0x2717),
)  # fmt: skip
LATIN_GREEK_CYRILLIC_SIGNS = [code for low, high in BLOCKS for code in range(low, high + 1)]


def main() -> int:
    """Write the fonts and say how large they are."""
    for weight in WEIGHTS:
        font = TTFont(ASSETS / "fonts" / f"Inter-{weight}.otf", recalcTimestamp=False)
        use_tabular_figures(font)
        keep_only(font, LATIN_GREEK_CYRILLIC_SIGNS)
        make_quadratic(font)
        path = ASSETS / "report" / f"Inter-{weight}.ttf"
        font.save(path)
        print(f"{path.name}: {path.stat().st_size} bytes")
    return 0


def use_tabular_figures(font: TTFont) -> None:
    """Let characters stand for their tabular glyphs."""
    table = font["GSUB"].table
    indices = {
        index
        for record in table.FeatureList.FeatureRecord
        if record.FeatureTag == "tnum"
        for index in record.Feature.LookupListIndex
    }
    swaps: dict[str, str] = {}
    for index in sorted(indices):
        for part in table.LookupList.Lookup[index].SubTable:
            swaps |= getattr(part, "ExtSubTable", part).mapping
    for each in font["cmap"].tables:
        each.cmap = {code: swaps.get(name, name) for code, name in each.cmap.items()}


def keep_only(font: TTFont, characters: list[int]) -> None:
    """Leave out all other characters, and what shapes text."""
    options = subset.Options(notdef_outline=True, layout_features=[])
    options.name_IDs = [0, 1, 2, 4, 5, 6, 13, 14]
    options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def make_quadratic(font: TTFont) -> None:
    """Convert the outlines."""
    order, glyphs = font.getGlyphOrder(), font.getGlyphSet()
    quadratic = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, ERROR, reverse_direction=True))
        quadratic[name] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, quadratic
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    profile = font["maxp"]
    profile.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements", "maxPoints",
        "maxContours", "maxCompositePoints", "maxCompositeContours", "maxComponentDepth",
    ):  # fmt: skip
        setattr(profile, field, 0)
    profile.maxZones = 1
    font["post"].formatType = 3.0
    font["glyf"].compile(font)
    for name in order:
        quadratic[name].recalcBounds(font["glyf"])
        advance, _ = font["hmtx"][name]
        font["hmtx"][name] = (advance, getattr(quadratic[name], "xMin", 0))


if __name__ == "__main__":
    sys.exit(main())
