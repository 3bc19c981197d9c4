"""Every page as people see it: both languages, wide and narrow, without a script and without the network."""

import pytest

PAGES = {
    "partnership": "/",
    "trust": "/trust/?direction=US&year=1938",
    "cases": "/cases/",
    "case": "/cases/E7-B-UAC/",
    "case-open": "/cases/E7-B-UAD/",
    "case-manual": "/cases/BN-B-SAA/",
    "actions": "/actions/",
    "portfolio": "/portfolio/",
    "cases-import": "/cases/import/",
    "edition": "/rules/samm-2026/",
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
        squeezed = page.evaluate(
            "[...document.querySelectorAll('td')].filter(cell => cell.innerText.length > 80 &&"
            " cell.getBoundingClientRect().width < 200).map(cell => cell.innerText)"
        )
        assert squeezed == []
        if kind == "wide" or name in {"partnership", "cases", "case-open"}:
            picture(f"{name}-{language}" + ("" if kind == "wide" else "-narrow"))


def test_a_stranger_signs_in_and_lands_where_he_wanted(page, demo, picture):
    address, password = demo
    page.goto(f"{address}/cases/E7-B-UAC/")
    assert page.url == f"{address}/login/?next=/cases/E7-B-UAC/"
    picture("login-en")
    page.fill("#id_username", "assessor")
    page.fill("#id_password", "a guess")
    page.keyboard.press("Enter")
    assert "do not fit together" in page.inner_text("[role=alert]")
    page.fill("#id_password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/cases/E7-B-UAC/")
    page.click("text=Sign out")
    page.goto(f"{address}/cases/")
    assert "/login/" in page.url


def test_the_sign_in_page_speaks_spanish(page, demo, picture):
    page.goto(demo[0] + "/login/")
    page.click("text=Español")
    assert page.inner_text("h1") == "Iniciar sesión"
    picture("login-es")


def test_the_liaison_sees_spanish_and_only_what_is_shared(page, demo, sign_in, picture):
    sign_in("enlace")
    assert page.get_attribute("html", "lang") == "es"
    links = page.locator("nav a").all_inner_texts()
    assert "Adiestramiento" in links
    assert "Plan" not in links
    assert "Confianza" not in links
    page.click("nav >> text=Casos")
    assert "Ningún caso es visible" in page.inner_text("main")
    picture("cases-liaison-es")
    page.goto(demo[0] + "/trust/")
    assert "No permitido" in page.inner_text("h1")
    picture("not-permitted-es")


def test_the_case_manager_is_refused_and_then_records_a_step(page, demo, sign_in, picture):
    sign_in("case-manager")
    page.goto(demo[0] + "/cases/E7-B-UAD/")
    form = page.locator("form[action$='/obligate/']")
    form.locator("input[name=on]").fill("2013-10-01")
    form.locator("select[name=line]").select_option("002")
    form.locator("input[name=amount]").fill("472000")
    form.locator("button").click()
    assert "2013-09-30" in page.inner_text("[role=alert]")
    assert page.locator("form[action$='/obligate/'] input[name=amount]").input_value() == "472000"
    picture("case-refused-en")
    form.locator("input[name=on]").fill("2013-03-04")
    form.locator("button").click()
    assert "Recorded" in page.inner_text("[role=status]")
    assert "$472,000" in page.locator("h2:has-text('Lines') + .scroll").inner_text()


def test_a_year_is_explained_from_its_link(page, demo, sign_in):
    sign_in("assessor")
    page.goto(demo[0] + "/trust/")
    page.locator("summary").first.click()
    page.click("th >> a:text-is('1942')")
    assert page.input_value("#id_year") == "1942"
    assert "Joint Mexican-United States Defense Commission" in page.inner_text("main")


def test_a_plan_is_made_from_the_form(page, demo, sign_in):
    sign_in("cooperation-officer")
    page.goto(demo[0] + "/plan/")
    page.fill("#id_share", "55")
    page.click("form.step button")
    assert "55.3 %" in page.inner_text("main")
    page.fill("#id_share", "90")
    page.click("form.step button")
    assert "cannot hold together" in page.inner_text("[role=alert]")


def test_the_keyboard_reaches_the_content_first(page, sign_in):
    sign_in("assessor")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
