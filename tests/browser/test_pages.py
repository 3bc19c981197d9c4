"""Every page as people see it: both languages, wide and narrow, without a script and without the network."""

from importlib import resources

import pytest

from tests.searches import IS_FULL

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")

PAGES = {
    "partnership": "/",
    "trust": "/trust/?direction=US&year=1938",
    "cases": "/cases/",
    "case": "/cases/E7-B-UAC/",
    "case-open": "/cases/E7-B-UAD/",
    "case-manual": "/cases/BN-B-SAA/",
    "case-lines": "/cases/BN-B-SAA/?part=lines",
    "case-documents": "/cases/BN-B-SAA/?part=documents",
    "case-money": "/cases/BN-B-SAA/?part=money",
    "case-record": "/cases/BN-B-SAA/?part=record",
    "cases-found": "/cases/?phase=execution&q=rescue",
    "programs": "/programs/",
    "actions": "/actions/",
    "portfolio": "/portfolio/",
    "cases-import": "/cases/import/",
    "edition": "/rules/samm-2026/",
    "training": "/training-reports/",
    "training-imet": "/training-reports/imet/",
    "training-by-school": "/training-reports/?partner_code=MX&by=school_code&measure=dollars",
    "training-pme": "/training-reports/pme/?partner_code=MX&program_family=imet",
    "training-schools": "/training-reports/schools/?partner_code=MX&from_fy=2008&to_fy=2012&program_family=imet",
    "training-school": "/training-reports/schools/WHINSEC/",
    "plans": "/training-plans/",
    "plan-of-a-year": "/training-plans/BN-2027/",
    "plan-list": "/training-plans/BN-2027/?part=lines",
    "plan-students": "/training-plans/BN-2027/?part=students",
    "plan-checks": "/training-plans/BN-2027/?part=checks",
    "plan-line": "/training-plans/BN-2027-1001B/",
    "plan-line-add": "/training-plans/BN-2027/lines/",
    "plan-combined": "/training-plans/BN-2027/combined/",
    "plan": "/seat-plan/",
    "relationship": "/relationship/",
    "promises": "/promises/",
    "safeguards": "/safeguards/?on=2021-12-31",
    "foundations": "/foundations/",
    "levels": "/levels/",
    "records": "/records/",
    "record": "/records/martinez-2014-2013-single-window/",
    "record-add": "/records/new/hedge/",
    "institutions": "/institutions/",
    "structures": "/institutions/?branch=sedena",
    "institution": "/institutions/sedena/",
    "profile": "/profile/?a=MX&b=US",
    "series": "/series/",
    "sources": "/sources/",
    "alumni": "/alumni/?partner=BN",
    "alumni-graph": "/alumni/graph/?partner=BN",
    "alumni-posts": "/alumni/posts/?partner=BN",
    "alumni-report": "/alumni/report/?partner=BN",
    "alumni-import": "/alumni/import/",
}
# Of the same templates as another page: only in full runs.
ALIKE = {"case-open", "cases-found", "training-by-school", "structures", "plan-line-add", "case-documents"}
BOTH = {"partnership", "trust", "training-pme"}  # looked at in both languages every time
# Texts, and the outline of what the keyboard is on, whose contrast with what is behind them is too low.
FAINT = """
() => {
  const numbers = color => color.match(/[\\d.]+/g).map(Number);
  const light = color => numbers(color).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      if (numbers(color).length < 4 || numbers(color)[3] > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const found = [], focused = new Set();
  for (const e of document.body.querySelectorAll("*")) {
    if (!e.checkVisibility()) continue;
    const hasText = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (hasText && contrast(getComputedStyle(e).color, behind(e)) < 4.5) found.push(e.outerHTML.slice(0, 80));
    if (e.matches("a, button, input:not([type=hidden]), select, textarea, summary")) {
      const kind = [e, e.parentElement, e.parentElement.parentElement, e.closest("section, header, footer, form")]
        .map(n => n && n.tagName + n.className).join() + e.type + behind(e);
      if (focused.has(kind)) continue;  // one of those that the style sheet treats alike
      focused.add(kind);
      e.focus({focusVisible: true});
      const style = getComputedStyle(e);
      if (style.outlineStyle === "none" || contrast(style.outlineColor, behind(e.parentElement)) < 3)
        found.push("focus: " + e.outerHTML.slice(0, 80));
    }
  }
  return found.slice(0, 5);
}
"""
LANGUAGES = {"en": "Español", "es": "English"}  # the button that leads to the other one


WIDE = 1280
WINDOWS = {"": WIDE, "-narrow": 360}
PICTURED_NARROW = {
    "partnership",
    "cases",
    "case-open",
    "training",
    "training-pme",
    "plan-of-a-year",
    "profile",
    "alumni",
}


def reads_well(page, language, width):
    """The page in a window of that width: one language, nothing cut off, unseen, unnamed, squeezed or faint."""
    page.evaluate(
        "Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode().catch(() => {}); }))"
    )
    assert page.get_attribute("html", "lang") == language
    assert page.get_by_role("button", name=LANGUAGES[language], exact=True).count() == 1
    assert page.locator("h1").count() == 1
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} is {overflow} px wider than a window of {width} px"
    unseen = page.evaluate(
        "[...document.images].filter(i => !(i.complete && i.naturalWidth && i.alt)).map(i => i.src)"
    )
    assert unseen == []
    unnamed = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
        ".filter(i => !i.labels.length).length"
    )
    assert unnamed == 0
    squeezed = page.evaluate(
        "[...document.querySelectorAll('td')].filter(cell => cell.innerText.length > 80 &&"
        " cell.getBoundingClientRect().width < 200).map(cell => cell.innerText)"
    )
    assert squeezed == []
    if IS_FULL or width == WIDE:  # the same elements, but for the folded menu
        assert page.evaluate(FAINT) == []
        assert violations(page) == []


def violations(page) -> list[str]:
    """What axe-core finds against WCAG and good practice on the page."""
    page.evaluate(AXE)
    # What is drawn inside the charts takes most of the time: in full runs only.
    found = page.evaluate("all => axe.run(all ? document : {exclude: ['svg']})", IS_FULL)["violations"]
    return [f"{item['id']}: {node['html'][:80]}" for item in found for node in item["nodes"]]


# Spanish words are longer: what reads well in them does in English, but for what `make test-all` may find.
READ = [
    pytest.param(
        name,
        language,
        id=f"{name}-{language}",
        marks=[pytest.mark.slow] if name in ALIKE or (name not in BOTH and language == "en") else [],
    )
    for name in PAGES
    for language in LANGUAGES
]


@pytest.mark.parametrize(("name", "language"), READ)
def test_the_page_reads_well_wide_and_narrow(page, demo, sign_in, picture, name, language):
    page.set_viewport_size({"width": WIDE, "height": 900})
    sign_in("cooperation-officer", PAGES[name], language)
    for ending, width in WINDOWS.items():
        if ending:
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(demo[0] + PAGES[name])
        reads_well(page, language, width)
        if not ending or name in PICTURED_NARROW:
            picture(f"{name}-{language}{ending}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_a_person_reads_well_wide_and_narrow(page, demo, sign_in, picture, language):
    sign_in("cooperation-officer", "/alumni/posts/?partner=BN", language)
    page.locator("tr", has_text="Lena Orsk").locator("a").first.click()
    for ending, width in WINDOWS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        reads_well(page, language, width)
        if not ending:
            picture(f"alumnus-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("account", "address"),
    [
        ("cooperation-officer", "/cases/BN-B-SAA/"),
        ("case-manager", "/cases/E7-B-UAD/"),
        ("cooperation-officer", "/training-plans/BN-2027/"),
    ],
)
def test_state_next_action_and_money_are_on_the_first_screen(page, demo, sign_in, account, address, language):
    page.set_viewport_size({"width": 1280, "height": 800})
    sign_in(account, address, language)
    terms = page.locator(".summary dt").all_inner_texts()
    assert terms[:2] == {"en": ["State", "Next"], "es": ["Situación", "Siguiente"]}[language]
    assert terms[-1] == {"en": "Money", "es": "Dinero"}[language]
    rows = [row.bounding_box() for row in page.locator(".summary dl > div").all()]
    assert max(row["y"] + row["height"] for row in rows) < 800
    assert page.evaluate("document.documentElement.scrollHeight") < 3 * 800 + 200


def test_a_row_of_a_wide_table_is_a_card_on_a_phone(page, demo, sign_in):
    sign_in("case-manager")
    page.goto(demo[0] + "/cases/BN-B-SAA/?part=lines")
    heads = page.locator("table.stack").first.locator("thead")
    assert heads.bounding_box()["x"] >= 0
    page.set_viewport_size({"width": 360, "height": 800})
    assert heads.bounding_box()["x"] < 0
    boxes = [
        cell.bounding_box()
        for cell in page.locator("table.stack").first.locator("tbody tr >> nth=0 >> td").all()
    ]
    assert [box["y"] for box in boxes] == sorted({box["y"] for box in boxes}), "one below the other"
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 360 for box in boxes)
    for scroll in page.locator(".scroll").all():
        assert scroll.evaluate("part => part.scrollWidth <= part.clientWidth")


def test_the_form_of_the_next_step_opens_in_place_without_a_script(chromium, demo):
    address, password = demo
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/login/?next=/cases/BN-B-SAA/")
    page.fill("#id_username", "cooperation-officer")
    page.fill("#id_password", password)
    page.click("form.login button")
    form = page.locator(".summary form")
    assert not form.is_visible()
    page.locator(".summary summary").click()
    assert form.is_visible()
    context.close()


def test_a_stranger_signs_in_and_lands_where_he_wanted(page, demo, picture):
    address, password = demo
    page.goto(f"{address}/cases/E7-B-UAC/")
    assert page.url == f"{address}/login/?next=/cases/E7-B-UAC/"
    picture("login-en")
    page.fill("#id_username", "assessor")
    page.fill("#id_password", "a guess")
    page.keyboard.press("Enter")
    assert "or the password is wrong" in page.inner_text("[role=alert]")
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
    assert "Informes de adiestramiento" in links
    assert "Plan de plazas" not in links
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
    page.locator("details:has(> form[action$='/obligate/']) > summary").click()
    form = page.locator("form[action$='/obligate/']")
    form.locator("input[name=on]").fill("2013-10-01")
    form.locator("select[name=line]").select_option("002")
    form.locator("input[name=amount]").fill("472000")
    form.locator("button").click()
    assert "Sept. 30, 2013" in page.inner_text("[role=alert]")
    assert page.locator("form[action$='/obligate/'] input[name=amount]").input_value() == "472000"
    picture("case-refused-en")
    form.locator("input[name=on]").fill("2013-03-04")
    form.locator("button").click()
    assert "Recorded" in page.inner_text("[role=status]")
    page.get_by_role("link", name="Lines and deliveries").click()
    assert "$472,000" in page.locator("h2:has-text('Lines') + .scroll").inner_text()


def test_a_year_is_explained_from_its_link(page, demo, sign_in):
    sign_in("assessor")
    page.goto(demo[0] + "/trust/")
    page.locator("main summary").first.click()
    page.click("th >> a:text-is('1942')")
    assert page.input_value("#id_year") == "1942"
    assert "Joint Mexican-United States Defense Commission" in page.inner_text("main")


def test_a_plan_is_made_from_the_form(page, demo, sign_in):
    sign_in("cooperation-officer")
    page.goto(demo[0] + "/seat-plan/")
    page.fill("#id_share", "55")
    page.click("form.step button")
    assert "55.3 %" in page.inner_text("main")
    page.fill("#id_budget", "100000")
    page.click("form.step button")
    assert "cannot hold together" in page.inner_text("[role=alert]")


def test_the_menu_is_folded_in_a_narrow_window_only(page, demo, sign_in):
    sign_in("assessor")
    for width, is_folded in ((1280, False), (375, True)):
        page.set_viewport_size({"width": width, "height": 740})
        page.goto(demo[0] + "/")
        assert page.get_by_role("link", name="Training reports", exact=True).is_visible() != is_folded
        assert page.locator(".menu > summary").is_visible() == is_folded
    assert page.locator("header").bounding_box()["height"] < 74, "a tenth of the window"
    page.click(".menu > summary")
    page.get_by_role("link", name="Training reports", exact=True).click()
    assert page.url.endswith("/training-reports/")


def test_the_keyboard_reaches_the_content_first(page, sign_in):
    sign_in("assessor")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


def test_a_person_is_reached_from_the_graph_and_named_only_on_request(page, demo, sign_in):
    sign_in("cooperation-officer")
    page.goto(demo[0] + "/alumni/posts/?partner=BN")
    page.locator("tr", has_text="Director of the War College").locator("a").click()
    page.click("text=As a picture")
    page.locator(".graph a", has=page.locator("[stroke-width='3'][stroke='#1b2530']")).click()
    assert "Director of the War College" in page.inner_text("main")
    assert "Mara" not in page.inner_text("main")
    page.locator("summary", has_text="Reveal identity").click()
    page.select_option("#reason", "screening")
    page.get_by_role("button", name="Reveal identity").click()
    assert "Mara" in page.inner_text("[role=status]")
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.evaluate(FAINT) == []


def test_no_travel_order_before_the_screening_and_then_one_in_the_students_name(page, demo, sign_in, picture):
    sign_in("cooperation-officer")
    page.goto(f"{demo[0]}/training-plans/BN-2027/?part=students")
    page.get_by_role("row", name="nominated").get_by_role("link").click()
    page.locator("summary", has_text="Issue the travel order").click()
    order = page.get_by_role("form", name="Issue the travel order")
    for name, value in (("on", "2026-09-20"), ("order_number", "BN-7-IMET"), ("report_by", "2026-10-02")):
        order.locator(f"[name={name}]").fill(value)
    order.get_by_role("button").click()
    assert "Human rights vetting is not passed" in page.locator(".notice.bad").inner_text()
    picture("student-refused-en")
    page.goto(f"{demo[0]}/training-plans/BN-2027/?part=students")
    page.get_by_role("row", name="in training").get_by_role("link").click()
    picture("student-en")
    page.locator("summary", has_text="Travel order").click()
    page.get_by_role("button", name="Show the travel order").click()
    assert page.locator("dt:has-text('Surname') + dd").inner_text() == "Ilves (invented)"
    picture("travel-order-en")


def test_the_partners_liaison_proposes_a_line_in_spanish(page, demo, sign_in, picture):
    sign_in("bandaria-liaison")
    page.goto(f"{demo[0]}/training-plans/BN-2028/")
    picture("plan-liaison-es")
    page.get_by_role("link", name="Lista de adiestramiento").click()
    page.click("text=Agregar una línea")
    given = {"course": "Curso de derechos humanos", "school": "WHINSEC", "seats": "2"}
    for name, value in (given | {"start_date": "2028-02-01", "end_date": "2028-03-01"}).items():
        page.fill(f"[name={name}]", value)
    page.locator("form.step").get_by_role("button").click()
    assert "Registrado: Proponer una línea" in page.locator(".notice.good").inner_text()
