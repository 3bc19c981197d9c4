"""A figure opens the page that shows it: whose trust, which year, which rows."""

import re
from datetime import date
from urllib.parse import parse_qs, urldefrag, urljoin, urlsplit

import lxml.html
import pytest

from confianza.server.assessment import current_index
from confianza.server.institutions.selectors import partnerships, party_names
from confianza.server.language import format_number, format_signed

LANGUAGES = ("en", "es")
TODAY = date(2026, 11, 30)


def index_of_mexico():
    return current_index(partnerships()[0], TODAY)


FIGURE = re.compile(r"[$−]?\d[\d,.]*( %| USD)?")
PAGES = [
    "/",
    "/trust/",
    "/training-reports/?partner_code=MX&by=school_code&measure=dollars",
    "/training-reports/imet/",
    "/training-reports/pme/",
    "/training-reports/schools/",
    "/training-reports/schools/WHINSEC/",
    "/training-plans/BN-2027/",
    "/training-reports/reconciliation/",
    "/seat-plan/",
    "/relationship/",
    "/promises/",
    "/safeguards/",
    "/foundations/",
    "/levels/",
    "/institutions/sedena/",
    "/events/",
    "/profile/",
    "/series/",
    "/portfolio/",
    "/programs/",
    "/cases/",
    "/alumni/?partner=BN",
    "/alumni/graph/?partner=BN",
    "/alumni/report/?partner=BN",
]
A_KIND = 3  # links of one kind that are followed from a page


def read(client, address):
    answer = client.get(urldefrag(address)[0], follow=True)
    assert answer.status_code == 200, address
    return lxml.html.document_fromstring(answer.content.decode())


def words(part) -> str:
    return " ".join(" ".join(part.itertext()).split())


def is_shown(figure: str, page) -> bool:
    return re.search(rf"(?<![\d,.]){re.escape(figure)}(?!\d|[,.]\d)", words(page)) is not None


def figures(page):
    """Each figure of a page that leads somewhere, with its link: a linked figure, or a card with one and a link."""
    for link in page.get_element_by_id("content").iter("a"):
        if FIGURE.fullmatch(text := words(link)):
            yield text, link.get("href")
    for card in page.find_class("card"):
        shown, links = card.find_class("figure"), list(card.iter("a"))
        if shown and links and not FIGURE.fullmatch(words(links[-1])):
            yield words(shown[0]), links[-1].get("href")


def one_of_each(page, address):
    """Some links of each kind: the same page asked for by the same parameters."""
    kinds: dict[tuple, int] = {}
    for figure, link in figures(page):
        parts = urlsplit(urljoin(address, link))
        kind = (re.sub(r"\d+", "", parts.path), *parse_qs(parts.query))
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= A_KIND:
            yield figure, urljoin(address, link)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_a_figure_occurs_on_the_page_it_opens(client_of, address, language):
    client = client_of("assessor", language)
    for figure, link in one_of_each(read(client, address), address):
        assert is_shown(figure, read(client, link)), f"{figure} of {address} is not on {link}"


@pytest.mark.parametrize("address", PAGES)
def test_a_link_within_a_page_leads_to_a_part_of_it(client_of, address):
    client = client_of("assessor")
    page = read(client, address)
    for link in page.iter("a"):
        target, part = urldefrag(urljoin(address, link.get("href")))
        if part and target == address:
            assert page.xpath("//*[@id=$part]", part=part), (address, link.get("href"))


# --- trust ---------------------------------------------------------------------------------------------


def trust_cards(client, language):
    """The cards of the two directions: the figure shown and the address of the explanation, by who trusts."""
    names = {code: name.in_language(language) for code, name in party_names().items()}
    cards = {}
    for card in read(client, "/").find_class("card"):
        heading = words(card.find("h2"))
        for code, other in (("US", "MX"), ("MX", "US")):
            if heading.endswith(f"{names[code]} → {names[other]}"):
                cards[code] = (words(card.find_class("figure")[0]), next(iter(card.iter("a"))).get("href"))
    return cards


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("code", "other"), [("US", "MX"), ("MX", "US")])
def test_the_card_of_a_direction_opens_the_explanation_of_that_direction(client_of, code, other, language):
    client = client_of("assessor", language)
    figure, link = trust_cards(client, language)[code]
    page = read(client, link)
    names = {key: name.in_language(language) for key, name in party_names().items()}
    heading = words(page.get_element_by_id(urldefrag(link)[1]))
    last = index_of_mexico().direction(code)[-1]
    whose = {"en": "trust of {} in {}, {}", "es": "confianza de {} en {}, {}"}[language]
    assert heading.endswith(whose.format(names[code], names[other], last.year))
    assert figure == format_number(last.score)
    (shown,) = page.find_class("figure")
    assert words(shown) == figure
    moved = index_of_mexico().movements(code)[-1]
    (change,) = page.xpath("//h2[@id='moved']/following::tfoot[1]/tr")
    points = format_signed(last.score - index_of_mexico().direction(code)[-2].score, 2)
    assert [words(cell) for cell in change.findall("td")] == [points, format_signed(moved.change, 3)]
    news = page.xpath("//h2[@id='moved']/following::tbody[1]/tr[3]/td")
    assert words(news[1]) == format_signed(moved.news, 3)


def test_the_parts_of_a_change_are_in_the_units_of_the_headline(client_of):
    """Points of each part add up to the change of the score."""
    page = read(client_of("assessor"), "/trust/?direction=MX&year=2013#moved")
    parts = page.xpath("//h2[@id='moved']/following::tbody[1]/tr/td[1]")
    (total,) = page.xpath("//h2[@id='moved']/following::tfoot[1]/tr/td[1]")
    points = [float(words(part).replace("−", "-")) for part in parts]
    assert len(points) == 4
    assert sum(points) == pytest.approx(float(words(total).replace("−", "-")), abs=0.021)
