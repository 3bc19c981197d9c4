"""Every address once: what its queries ask is understood by this database."""

import pytest

from tests.server.test_api import READS
from tests.server.test_permissions import PAGES


@pytest.mark.parametrize(("address", "allowed"), [*PAGES, *READS.items()])
def test_an_address_answers_who_may_see_it(client_of, address, allowed):
    assert client_of(min(allowed)).get(address).status_code == 200
