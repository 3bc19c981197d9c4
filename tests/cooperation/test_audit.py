from dataclasses import replace
from datetime import UTC, datetime

import pytest

from confianza.cooperation.audit import GENESIS, AuditError, seal, verify


def chain(count):
    events, previous = [], GENESIS
    for sequence in range(1, count + 1):
        event = seal(
            sequence=sequence,
            at=datetime(2013, 1, sequence, tzinfo=UTC),
            account="case-manager",
            role="case_manager",
            action="case.step",
            subject="case:E7-B-UAC",
            payload={"step": "obligate", "n": sequence},
            previous=previous,
        )
        events.append(event)
        previous = event.digest
    return events


def test_an_untouched_chain_holds():
    assert verify(chain(5)) == 5


@pytest.mark.parametrize(
    "tamper",
    [
        lambda events: [*events[:2], replace(events[2], payload={"step": "obligate", "n": 99}), *events[3:]],
        lambda events: [*events[:2], replace(events[2], account="somebody-else"), *events[3:]],
        lambda events: [*events[:2], *events[3:]],
        lambda events: [events[1], events[0], *events[2:]],
    ],
    ids=["altered payload", "altered actor", "removed", "reordered"],
)
def test_a_chain_that_was_tampered_with_is_found_out(tamper):
    with pytest.raises(AuditError, match="altered, removed or inserted"):
        verify(tamper(chain(5)))
