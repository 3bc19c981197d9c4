"""A record as both sides meet it in a browser: the liaison contests it in Spanish, the officer sees both versions."""

ACT = "/p/us-mx/records/martinez-2014-2013-single-window/"
VERSION = "La ventanilla única ordena el trato entre las dos partes."


def test_a_liaison_contests_a_record_in_spanish_and_the_officer_sees_both_versions(
    page, demo, sign_in, chromium
):
    address, password = demo
    sign_in("enlace")
    page.goto(address + ACT)
    if page.get_attribute("html", "lang") != "es":
        page.click("text=Español")
    assert page.get_attribute("html", "lang") == "es"
    form = page.locator("form[action$='/contest/']")
    page.locator("details:has(form[action$='/contest/']) > summary").click()
    form.locator("[name=summary_es]").fill(VERSION)
    form.locator("[name=sign]").select_option("1")
    form.locator("[name=severity]").fill("1.5")
    with page.expect_response(lambda answer: answer.url.endswith("/contest/")):  # checked as it is left
        form.locator("[name=source]").focus()
    page.locator("#contest-severity_problem").get_by_text("1.5").wait_for()
    form.locator("[name=severity]").fill("0.2")
    form.locator("[name=source]").fill("Nota diplomática 12")
    form.locator("button").click()
    page.wait_for_url(address + ACT)
    assert page.locator("#versions > li").count() == 2

    other = chromium.new_context(locale="en-US").new_page()
    other.goto(f"{address}/login/")
    other.fill("#id_username", "cooperation-officer")
    other.fill("#id_password", password)
    other.click("form.login button")
    other.goto(address + ACT)
    cards = other.locator("#versions > li").all_inner_texts()
    assert len(cards) == 2
    assert VERSION in cards[1]
    assert "enlace" in cards[1]
    assert VERSION not in cards[0]
    assert "contested" in other.locator("main").inner_text()
    other.context.close()
