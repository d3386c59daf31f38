"""Time-stamp tokens when the trust file lists more than one authority."""

import pytest
from world import World

from trust.core.verdict import Code

FILES = {"a.txt": b"hello"}


def test_a_bad_token_of_a_listed_authority_is_invalid_beside_another(
    world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = World(tmp_path_factory.mktemp("elsewhere"), "http://localhost:9999")
    foreign = elsewhere.registry.trust.timestamp_authorities
    elsewhere.close()
    ana = world.join("ana")
    dossier = world.dossier(ana.sign(FILES).id)
    own = world.registry.trust.timestamp_authorities
    token = dossier.bundle.token
    bad = dossier._replace(
        bundle=dossier.bundle._replace(token=token[:-1] + bytes([token[-1] ^ 1]))
    )
    for authorities in (own + foreign, foreign + own):
        trust = world.registry.trust._replace(timestamp_authorities=authorities)
        assert world.assess(dossier, FILES, trust=trust).code is Code.VALID
        assert world.assess(bad, FILES, trust=trust).code is Code.INVALID
    unlisted = world.registry.trust._replace(timestamp_authorities=foreign)
    assert world.assess(dossier, FILES, trust=unlisted).code is Code.COULD_NOT_CHECK
