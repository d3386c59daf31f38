"""Our codes are read back by a reader that is not ours."""

import re
import struct
import xml.etree.ElementTree as ET
import zlib

import pytest
import zxingcpp

from trust.core import qr

TEXT = "HTTPS://REGISTRY.EXAMPLE/V/7Q2K9M4XTB3D5F8H"
SCALE = 4


def decoded(rows: list[list[bool]]) -> list[str]:
    """Draw rows of modules (True is dark) as pixels and read them."""
    width, height = len(rows[0]) * SCALE, len(rows) * SCALE
    pixels = bytes(
        0 if rows[y // SCALE][x // SCALE] else 255 for y in range(height) for x in range(width)
    )
    image = memoryview(pixels).cast("B", shape=[height, width])
    return [code.text for code in zxingcpp.read_barcodes(image)]


def test_the_text_of_a_page_is_upper_case() -> None:
    assert qr.page_code_text("https://registry.example", "7q2k9m4xtb3d5f8h") == TEXT


def test_the_svg_is_read_back_with_its_border() -> None:
    image = ET.fromstring(qr.svg(TEXT))  # noqa: S314 - made by us, a line above
    size = int(image.attrib["viewBox"].split()[2])
    background, modules = (path.attrib for path in image)
    assert background["fill"] == "#fff"
    assert background["d"] == f"M0 0h{size}v{size}H0z"
    rows = [[False] * size for _ in range(size)]
    for x, y, length in re.findall(r"M(\d+) (\d+)\.5h(\d+)", modules["d"]):
        rows[int(y)][int(x) : int(x) + int(length)] = [True] * int(length)
    dark = {(x, y) for y, row in enumerate(rows) for x, module in enumerate(row) if module}
    assert min(x for x, _ in dark) == min(y for _, y in dark) == qr.BORDER
    assert max(x for x, _ in dark) == max(y for _, y in dark) == size - 1 - qr.BORDER
    assert decoded(rows) == [TEXT]


def test_hostile_text_never_stands_in_the_svg() -> None:
    assert "script" not in qr.svg('"><script>alert(1)</script>')


def png_rows(data: bytes) -> tuple[int, list[list[bool]]]:
    """Read a 1-bit PNG by its specification, checking every checksum."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, place = {}, 8
    while place < len(data):
        length = struct.unpack(">I", data[place : place + 4])[0]
        name, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        checksum = data[place + 8 + length : place + 12 + length]
        assert zlib.crc32(name + body) == struct.unpack(">I", checksum)[0]
        chunks[name] = body
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour, width) == (1, 0, height)
    stride = 1 + (width + 7) // 8
    lines = zlib.decompress(chunks[b"IDAT"])
    assert len(lines) == stride * height
    bits = [
        f"{int.from_bytes(lines[y * stride + 1 : (y + 1) * stride], 'big'):0{8 * (stride - 1)}b}"
        for y in range(height)
    ]
    return width, [[bit == "0" for bit in line[:width]] for line in bits]


@pytest.mark.parametrize("scale", [3, 8])
def test_the_png_is_read_back(scale: int) -> None:
    width, rows = png_rows(qr.png(TEXT, scale))
    assert width % scale == 0
    assert decoded(rows) == [TEXT]


@pytest.mark.parametrize("colour", [False, True])
def test_the_terminal_form_is_read_back_on_its_background(colour: bool) -> None:  # noqa: FBT001
    text = qr.terminal(TEXT, colour=colour)
    if colour:
        text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    blocks = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}
    rows: list[list[bool]] = []
    for line in text.splitlines():
        halves = [blocks[character] for character in line]
        rows += [[half[0] is colour for half in halves], [half[1] is colour for half in halves]]
    assert decoded(rows) == [TEXT]


def test_every_coloured_line_ends_its_colour() -> None:
    lines = qr.terminal(TEXT, colour=True).splitlines()
    assert all(line.endswith("\x1b[0m") for line in lines)
