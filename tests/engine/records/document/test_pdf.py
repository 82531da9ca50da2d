"""The PDF has the page's content, the same bytes each time, and every sign it needs."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from engine.records.document.content import Cell, Column, Document, Heading, Headline, Table
from engine.records.document.pdf import pdf_of


def pages(data):
    return len(re.findall(rb"/Type /Page\b", data))


def test_a_document_of_every_kind_becomes_a_pdf_with_fonts_of_its_own(document):
    data = pdf_of(document)
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert pages(data) >= 3
    assert len(re.findall(rb"/BaseFont /[A-Z]{6}\+Inter-(?:Regular|SemiBold)", data)) >= 2
    assert b"/FontFile2" in data


def test_the_pdf_is_the_same_bytes_each_time(document):
    assert pdf_of(document) == pdf_of(document)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is not installed")
def test_units_signs_and_umlauts_come_out(document, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(document))
    text = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "Grüße ±2 µs \N{MIDDLE DOT} 31 °C" in text
    assert "<script>" in text
    assert f"page 1 of {pages(path.read_bytes())}" in text


@pytest.mark.parametrize("rows", [0, 1, 15, 120])
def test_a_table_of_any_length_and_width_fits(rows):
    columns = tuple(Column(f"A wide column's title {each}", "ms", number=True) for each in range(9))
    cells = tuple(tuple(Cell("v1_0.50_128-int8 " * 3) for _ in columns) for _ in range(rows))
    table = Table("Wide", columns, cells)
    data = pdf_of(Document("T", "S", (Headline("A"), Heading("H"), table), "F"))
    assert pages(data) >= 1 + rows // 60


def test_a_very_long_text_flows_over_pages(document):
    flowing = replace(document, blocks=(Headline("word " * 6000),))
    assert pages(pdf_of(flowing)) > 2
