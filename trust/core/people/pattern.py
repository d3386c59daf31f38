"""Which file names a delegation reaches: patterns of paths, and media types by suffix.

A pattern is a path of ASCII letters, digits and `._-`, its parts between `/`. `*` stands for any
characters within one part, `**` alone for any number of parts, none included:

    posts/*.md   posts/one.md, not posts/old/one.md
    posts/**     all of posts, however deep
    **           everything

Nobody signs a media type, and two systems guess two types for one name. So the type of a file is
that of its suffix in `MEDIA_TYPES`, and a name whose suffix does not stand there has none.
"""

from trust.core.errors import Malformed

MAX_PATTERN = 200  # characters
ANY_PARTS = "**"
_ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-*/")
_TYPE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.+-")

MEDIA_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "css": "text/css",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "epub": "application/epub+zip",
    "flac": "audio/flac",
    "gif": "image/gif",
    "htm": "text/html",
    "html": "text/html",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "odt": "application/vnd.oasis.opendocument.text",
    "ogg": "audio/ogg",
    "opus": "audio/opus",
    "otf": "font/otf",
    "pdf": "application/pdf",
    "png": "image/png",
    "stl": "model/stl",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "ttf": "font/ttf",
    "txt": "text/plain",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff2": "font/woff2",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}


def check_pattern(pattern: str, where: str) -> str:
    """Return a pattern; raise Malformed for one that is none."""
    if not pattern or len(pattern) > MAX_PATTERN or not _ALLOWED.issuperset(pattern):
        raise Malformed(
            f"{pattern[:60]!r}, expected 1 to {MAX_PATTERN} of letters, digits, ._-*/", where
        )
    for part in pattern.split("/"):
        if part in {"", ".", ".."} or (ANY_PARTS in part and part != ANY_PARTS):
            raise Malformed(f"{pattern[:60]!r} is not a plain relative path with * and **", where)
    return pattern


def check_media_type(media_type: str, where: str) -> str:
    """Return `type/subtype` or `type/*`; raise Malformed for anything else."""
    kind, slash, subtype = media_type.partition("/")
    names = (kind,) if subtype == "*" else (kind, subtype)
    if not slash or not all(name and _TYPE_CHARACTERS.issuperset(name) for name in names):
        raise Malformed(f"{media_type[:60]!r}, expected type/subtype or type/*", where)
    return media_type


def media_type_of(name: str) -> str | None:
    """Return the media type of a file name, by its last suffix in any case; None without one."""
    _, dot, suffix = name.rsplit("/", 1)[-1].rpartition(".")
    return MEDIA_TYPES.get(suffix.lower()) if dot else None


def is_of_type(name: str, media_type: str) -> bool:
    """Say whether a file name is of a media type, which may be `type/*`."""
    found = media_type_of(name)
    if found is None:
        return False
    return found == media_type or (
        media_type.endswith("/*") and found.startswith(media_type.removesuffix("*"))
    )


def matches(pattern: str, name: str) -> bool:
    """Say whether a pattern reaches a name; takes time in proportion to both."""
    wanted = pattern.split("/")
    places = _with_skipped({0}, wanted)
    for part in name.split("/"):
        following = set()
        for place in places:
            if place < len(wanted) and wanted[place] == ANY_PARTS:
                following.add(place)
            elif place < len(wanted) and _part_matches(wanted[place], part):
                following.add(place + 1)
        places = _with_skipped(following, wanted)
    return len(wanted) in places


def _with_skipped(places: set[int], wanted: list[str]) -> set[int]:
    """Add the places after a `**` that stands for no part at all."""
    reached = set(places)
    for place in sorted(places):
        following = place
        while following < len(wanted) and wanted[following] == ANY_PARTS:
            following += 1
            reached.add(following)
    return reached


def _part_matches(wanted: str, part: str) -> bool:
    first, *rest = wanted.split("*")
    if not rest:
        return wanted == part
    *middle, last = rest
    if len(part) < len(first) + len(last) or not (part.startswith(first) and part.endswith(last)):
        return False
    left = part[len(first) : len(part) - len(last)]
    for text in middle:
        place = left.find(text)
        if place < 0:
            return False
        left = left[place + len(text) :]
    return True
