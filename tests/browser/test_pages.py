"""Every page as people see it: both languages, wide and narrow, without a script and without the network."""

import pytest

PAGES = {
    "partnership": "/",
    "trust": "/trust/?direction=US&year=1938",
    "cases": "/cases/",
    "case": "/cases/E7-B-UAC/",
    "case-open": "/cases/E7-B-UAD/",
    "training": "/training/",
    "plan": "/plan/",
    "history": "/history/",
    "institutions": "/institutions/",
    "sources": "/sources/",
}
LANGUAGES = {"en": "Español", "es": "English"}  # the button that leads to the other one


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_the_page_reads_well_wide_and_narrow(page, demo, sign_in, picture, name, language):
    sign_in("cooperation-officer")
    if language == "es":
        page.click("text=Español")
    for width, kind in ((1280, "wide"), (360, "narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(demo[0] + PAGES[name])
        assert page.get_attribute("html", "lang") == language
        assert page.locator(f"text={LANGUAGES[language]}").count() == 1
        assert page.locator("h1").count() == 1
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{name} is {overflow} px wider than a window of {width} px"
        unseen = page.evaluate(
            "[...document.images].filter(i => !(i.complete && i.naturalWidth && i.alt)).map(i => i.src)"
        )
        assert unseen == []
        unnamed = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select')].filter(i => !i.labels.length).length"
        )
        assert unnamed == 0
        if kind == "wide" or name in {"partnership", "case-open"}:
            picture(f"{name}-{language}" + ("" if kind == "wide" else "-narrow"))
