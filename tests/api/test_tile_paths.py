import pytest

from trust.api.routes.tiles import c2sp_path


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("0/000", "0/000"),
        ("0/x001/067.p/3", "0/x001/067.p/3"),
        ("entries/000.p/1", "entries/000.p/1"),
        ("8/0/000", "0/000"),
        ("8/1/x001/067", "1/x001/067"),
        ("8/10/000.p/5", "10/000.p/5"),
        ("8/data/x001/067.p/7", "entries/x001/067.p/7"),
        ("8/000", "8/000"),  # C2SP's own level 8
        ("8/000.p/4", "8/000.p/4"),
        ("8/x001/067", "8/x001/067"),
    ],
)
def test_both_families_name_the_same_tile(asked: str, path: str) -> None:
    assert c2sp_path(asked) == path
