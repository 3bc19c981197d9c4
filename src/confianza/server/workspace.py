"""Making a workspace: one partnership, and for one whose data are published with the package those data.

What is done is one transaction: killed, it left nothing, and of two at once the second waits and finds everything there.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from importlib import resources

from confianza.cooperation.actors import Actor
from confianza.cooperation.institutions import data_sets, packaged_partnership, packaged_structure
from confianza.cooperation.partnership import partnership_code
from confianza.cooperation.programs import published_appropriations
from confianza.errors import RuleRefusal
from confianza.evidence.bundled import BUNDLED_FILE, bundled_csv, bundled_rows
from confianza.evidence.countries import known_country
from confianza.evidence.history import HISTORY, history
from confianza.evidence.indicators import RECORDS, packaged_records
from confianza.evidence.relationship_record import packaged_record, record_file, record_sources
from confianza.evidence.series import SHIPPED, shipped_bytes
from confianza.evidence.sources.capabilities import packaged_capabilities
from confianza.evidence.sources.relationship_file import CitedSource
from confianza.server.funds.services import load_appropriations, open_in_ledger
from confianza.server.indicators.services import load_records
from confianza.server.institutions.models import Partnership
from confianza.server.institutions.selectors import partnership_of, partnerships
from confianza.server.institutions.services import add_partnership, load_institutions
from confianza.server.relationship.services import load_history, load_packaged_record
from confianza.server.schema import alone
from confianza.server.series.services import load_shipped
from confianza.server.training_reports.services import load_bundled_rows, normalize_training

MAKER = Actor("confianza-init", "administrator")
LOADER = Actor(MAKER.account, "assessor")
IDENTITY = {"host", "partner", "name"}
Step = tuple[str, Callable[[], bool]]


def _package_bytes(path: str) -> bytes:
    return resources.files("confianza.evidence").joinpath(path).read_bytes()


def _partnership(host: str, partner: str) -> bool:
    """The partnership of two countries, with its parties where they are not there."""
    if Partnership.objects.filter(pk=partnership_code(host, partner)).exists():
        return False
    data_set = published_data_set(host, partner)
    more = {}
    if data_set:
        one = packaged_partnership(data_set)
        more = {field.name: getattr(one, field.name) for field in fields(one) if field.name not in IDENTITY}
    add_partnership(host_code=host, partner_code=partner, adds_parties=True, actor=MAKER, **more)
    return True


def published_data_set(host: str, partner: str) -> str:
    """The data set of two countries that is published with the package; empty when there is none."""
    pairs = {packaged_partnership(data_set).pair: data_set for data_set in data_sets()}
    return pairs.get((host, partner), "")


def _institutions(data_set: str) -> bool:
    return load_institutions(packaged_structure(data_set), actor=LOADER)


def _programs() -> bool:
    return load_appropriations(published_appropriations(), actor=LOADER)


def _books() -> bool:
    return open_in_ledger(actor=LOADER)


def _training() -> bool:
    return load_bundled_rows(bundled_rows(), file_name=BUNDLED_FILE, content=bundled_csv(), actor=LOADER)


def _terms() -> bool:
    """Rows of an older workspace, or of older rules, are said in the common terms of today."""
    return bool(normalize_training(actor=LOADER))


def _history(code: str) -> bool:
    name, one = HISTORY.rpartition("/")[2], partnership_of(code, partnerships())
    content = _package_bytes(HISTORY)
    return load_history(history(), partnership=one, file_name=name, content=content, actor=LOADER)


def _relationship(code: str) -> bool:
    """The record of the two countries, where one comes with the package."""
    one = partnership_of(code, partnerships())
    cited = [
        CitedSource(key, source.title, source.publisher, source.date, source.address, source.license)
        for key, source in record_sources(one.data_set).items()
    ]
    items, name = packaged_record(one.data_set), record_file(one.data_set)
    return load_packaged_record(items, cited, partnership=one, file_name=name, actor=LOADER)


def _indicators() -> bool:
    name = RECORDS.rpartition("/")[2]
    return load_records(packaged_records(), file_name=name, content=_package_bytes(RECORDS), actor=LOADER)


def _capabilities() -> bool:
    """The capabilities among the series that ship, as indicators: a run apart from that of the series."""
    name, content = SHIPPED.rpartition("/")[2], b"indicators of " + shipped_bytes()
    return load_records([packaged_capabilities()], file_name=name, content=content, actor=LOADER)


def _series() -> bool:
    return load_shipped(actor=LOADER)


def _public_record(code: str) -> list[Step]:
    """What is published of a partnership, by its code."""
    return [
        ("appropriations (table 1)", _programs),
        ("appropriations in the ledger", _books),
        ("training in the public reports", _training),
        ("training rows by the rules of today", _terms),
        ("history", partial(_history, code)),
        ("record of the relationship", partial(_relationship, code)),
        ("force profile of the thesis and the public record", _indicators),
        ("force profile of the capabilities data", _capabilities),
        ("series of the pair (UN votes, U.S. aid, capabilities, surveys)", _series),
    ]


def published_steps(data_set: str, *, public_record: bool = True) -> list[Step]:
    """What makes a partnership whose data are published: its parties, institutions and, if wanted, the public record."""
    host, partner = packaged_partnership(data_set).pair
    return [
        ("parties and partnership", partial(_partnership, host, partner)),
        ("institutions", partial(_institutions, data_set)),
        *(_public_record(partnership_code(host, partner)) if public_record else []),
    ]


def init_workspace(*, host: str = "", partner: str = "", public_record: bool = False) -> list[str]:
    """A partnership of two countries, nothing simulated; what was done.

    Parameters
    ----------
    host, partner : str
        ISO 3166 code or name. Without both, the partnership whose data are published with the package.
    public_record : bool
        Also load what is published of the two.

    Raises
    ------
    RuleRefusal
        `country-unknown`, `partnership-half`, or `public-record-missing` for two of whom nothing is published.
    """
    if bool(host) != bool(partner):
        raise RuleRefusal("partnership-half")
    if host:
        pair = known_country(host), known_country(partner)
        data_set = published_data_set(*pair)
    else:
        data_set = data_sets()[0]
    if data_set:
        return carried_out(published_steps(data_set, public_record=public_record))
    if public_record:
        raise RuleRefusal("public-record-missing", host=pair[0], partner=pair[1])
    return carried_out([("parties and partnership", partial(_partnership, *pair))])


def carried_out(steps: list[Step]) -> list[str]:
    """Take steps in one transaction; the names of those that changed something."""
    with alone():
        return [name for name, step in steps if step()]
