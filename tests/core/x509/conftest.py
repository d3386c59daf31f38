import pytest
from pki import Pki


@pytest.fixture(scope="session")
def pki() -> Pki:
    return Pki()
