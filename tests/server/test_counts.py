"""What a page counts: true cases apart from simulated ones, and nothing said of all where there are none."""

import re

import pytest

from confianza.server.cases import selectors
from confianza.server.cases.models import Case
from confianza.server.demo import simulated_records
from confianza.server.funds.models import Appropriation, Posting
from confianza.server.funds.selectors import statements
from confianza.server.training_reports.models import PrintedTotal, ReportRow

SIMULATED = len(simulated_records()["cases"])


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.fixture
def true_case():
    """A case of Mexico that is not simulated, as it stands when it was opened."""
    funds = Appropriation.objects.filter(is_simulated=False).first()
    return Case.objects.create(
        identifier="MX-B-AAA",
        edition="samm-2026",
        title="True",
        partner_id="MX",
        appropriation=funds,
        phase="planning",
        search_text="true",
    )


def test_the_front_page_counts_the_cases_of_the_partnership_and_tells_the_simulated_apart(client_of):
    said = words(client_of("assessor").get("/"))
    assert "Cases 0 of this partnership, visible to you" in said
    assert f"Not counted: {SIMULATED} simulated, of a fictional country." in said


def test_a_true_case_of_the_partnership_is_counted(client_of, true_case):
    said = words(client_of("assessor", "es").get("/"))
    assert "Casos 1 de esta relación, visibles para usted" in said
    assert f"No se cuentan {SIMULATED} simulados, de un país ficticio." in said


def test_the_board_counts_true_and_simulated_cases_apart(client_of, true_case):
    page = client_of("assessor").get("/cases/").content.decode()
    heading = re.search(r'<h2 id="phase-planning">(.*?)</h2>', page, re.DOTALL)[1]
    assert re.sub(r"<[^>]+>", "", heading).split() == [
        "1.",
        "Planning",
        "and",
        "requirement",
        "definition",
        "1",
    ]
    counts = selectors.count_by_phase(Case.objects.all())
    assert sum(count.simulated for count in counts.values()) == SIMULATED
    assert sum(count.true for count in counts.values()) == 1
    assert "1 simulated" in words(client_of("assessor").get("/cases/"))
    listed = words(client_of("assessor").get("/cases/?phase=execution"))
    count = selectors.count_cases(Case.objects.filter(phase="execution"))
    assert f"{count.true} cases; besides, {count.simulated} simulated" in listed


def test_the_interface_counts_the_simulated_apart(client_of, true_case):
    found = client_of("assessor").get("/api/cases").json()
    assert (found["count"], found["simulated_count"]) == (SIMULATED + 1, SIMULATED)


def test_simulated_money_has_statements_of_its_own():
    Appropriation.objects.filter(pk="BN-FY2022").update(
        authority=Appropriation.objects.exclude(is_simulated=True).first().authority
    )
    for by in ("program", "authority", "case", "funds"):
        found = statements(by)
        assert {row.is_simulated for row in found} <= {True, False}
        names = [(row.name, row.is_simulated) for row in found]
        assert len(names) == len(set(names))
    true = {row.name for row in statements("funds") if not row.is_simulated}
    assert true
    assert not true & set(Appropriation.objects.filter(is_simulated=True).values_list("pk", flat=True))
    assert Posting.objects.filter(entry__appropriation__is_simulated=True).exists()


def test_actions_of_simulated_cases_say_so(client_of):
    page = client_of("case manager").get("/actions/").content.decode()
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    assert rows
    assert all("simulated" in row for row in rows)


# --- nothing is said of all where there are none -----------------------------------------------------


@pytest.mark.parametrize(
    ("reconciles", "said"), [(True, "Todos los totales"), (None, "no hay con qué comparar")]
)
def test_every_printed_total_reconciles_only_where_one_is_printed(client_of, reconciles, said):
    address = "/training-reports/reconciliation/"
    assert "there is nothing to compare with" in words(client_of("assessor").get(address))
    PrintedTotal.objects.create(
        run=ReportRow.objects.first().run,
        report="FY2010",
        fiscal_year=2010,
        partner_code="MX",
        page=1,
        computed_student_count=1,
        computed_cost_minor=1,
        currency="USD",
        reconciles=reconciles,
    )
    assert said in words(client_of("assessor", "es").get(address))


def test_the_portfolio_says_when_there_are_no_funds_and_no_open_case(client_of):
    Case.objects.update(phase="")
    said = words(client_of("auditor").get("/portfolio/?simulated=1"))
    assert "There is no open case." in said
    assert "No open case's funds" not in said


def test_a_portfolio_without_funds_does_not_say_that_nothing_lapses(client_of, monkeypatch):
    for reader in ("cases.selectors", "funds.selectors", "web.cases.board"):
        monkeypatch.setattr(f"confianza.server.{reader}.open_appropriations", Appropriation.objects.none)
    said = words(client_of("auditor").get("/portfolio/"))
    assert "There are no funds with dates." in said
    assert "Nothing lapses until" not in said


def test_the_page_of_sources_claims_no_chain_of_no_events(client_of):
    from confianza.server.audit.models import AuditHead

    AuditHead.objects.update(sequence=0)
    said = words(client_of("auditor").get("/sources/"))
    assert "The log holds no event yet." in said
    assert "each carrying the hash" not in said
