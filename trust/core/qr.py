"""QR codes: SVG for pages and print, PNG for print, half blocks for a terminal.

Every form is dark on light with the border of four modules that readers look for (ISO/IEC 18004
section 6.3.8): inverted and borderless codes are not found by some of them. Error correction M.
The text of our codes is upper case, which fits the denser alphanumeric mode.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby

BORDER = 4  # modules
PNG_SCALE = 8  # pixels a module

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def page_code_text(public_url: str, statement_id: str) -> str:
    """Return the text of a page's code: `HTTPS://REGISTRY.EXAMPLE/V/7Q2K9M4XTB3D5F8H`.

    Scheme and host are the same in any case, and the route `/v/` takes either.
    """
    return f"{public_url}/v/{statement_id}".upper()


def svg(text: str) -> str:
    """Return an SVG element without size, style or script; its text is not in it."""
    rows = _modules(text)
    size = len(rows)
    runs = "".join(
        f"M{start} {place}.5h{length}"
        for place, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        'aria-label="QR code" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{runs}"/></svg>'
    )


def png(text: str, scale: int = PNG_SCALE) -> bytes:
    """Return a black and white PNG (1 bit a pixel), `scale` pixels a module; scale >= 1."""
    rows = _modules(text)
    width = len(rows) * scale
    lines = b"".join(_scan_line(row, scale) * scale for row in rows)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)  # 1 bit, greyscale
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _PNG_SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def terminal(text: str, *, colour: bool = False) -> str:
    """Return lines of half blocks, two modules a character, each ending in a line feed.

    Without colour, light modules are drawn, which is right on a dark terminal. With colour, black
    on white is set for each line and reset at its end, which is right on any.
    """
    rows = _modules(text)
    if len(rows) % 2:
        rows.append([False] * len(rows))
    start, end = ("\x1b[38;5;16;48;5;231m", "\x1b[0m") if colour else ("", "")
    blocks = " ▀▄█" if colour else "█▄▀ "  # by upper + 2 * lower, True is dark
    lines = [
        "".join(blocks[upper + 2 * lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]
    return "".join(f"{start}{line}{end}\n" for line in lines)


def _modules(text: str) -> list[list[bool]]:
    """Return the rows of a code with its border; True is dark."""
    # Imported here: 44 ms of CPU that only those who draw a code should pay.
    import qrcode  # type: ignore[import-untyped]  # noqa: PLC0415

    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=BORDER)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _runs(row: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield (start, length) of each run of dark modules."""
    start = 0
    for dark, group in groupby(row):
        length = len(list(group))
        if dark:
            yield start, length
        start += length


def _scan_line(row: Sequence[bool], scale: int) -> bytes:
    """Return one PNG line: filter type 0, then the pixels, eight a byte, 1 is white."""
    bits = "".join(("0" if dark else "1") * scale for dark in row)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    return b"\0" + int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)
