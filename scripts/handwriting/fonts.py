"""Fonts for the reader's training: plain outlines of ASCII."""

import io

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

# Kerning and ligatures are dropped: digits are set one by one.
UNUSED = ("GSUB", "GPOS", "GDEF", "kern")


def plain(font):
    """Bytes of a TrueType font from those of a WOFF2, OpenType or TrueType font."""
    font = TTFont(io.BytesIO(font), recalcTimestamp=False)
    # Without the time of conversion, the bytes are the same each time.
    font["head"].modified = font["head"].created
    font.flavor = None
    options = subset.Options(hinting=False, layout_features=[], name_IDs=["*"], notdef_outline=True)
    options.drop_tables += UNUSED
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=range(0x20, 0x7F))
    subsetter.subset(font)
    if "CFF " in font:
        to_quadratic(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def to_quadratic(font):
    """Replaces cubic outlines with quadratic ones, at most one unit away."""
    order = font.getGlyphOrder()
    glyphs = font.getGlyphSet()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, 1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    glyf = font["glyf"] = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, outlines
    font["loca"] = newTable("loca")
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints maxStorage maxFunctionDefs maxInstructionDefs maxStackElements "
        "maxSizeOfInstructions maxComponentElements maxPoints maxContours maxCompositePoints "
        "maxCompositeContours maxComponentDepth"
    ).split():
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
