"""A form that recorded nothing, as people meet it in a browser."""

import pytest

CASE = "/cases/E7-B-UAD/"


@pytest.fixture
def deliver(page, demo, sign_in):
    """The form of a delivery with more typed in it than the line has."""
    sign_in("case-manager")
    page.goto(demo[0] + CASE)
    page.locator(f"details:has(> form[action='{CASE}deliver/']) > summary").click()
    form = page.locator(f"form[action='{CASE}deliver/']")
    form.locator("[name=quantity]").fill("4100")
    return form


def typed(page) -> str:
    return page.locator("form#unsent [name=quantity]").input_value()


def test_a_session_that_ended_while_typing_loses_nothing_typed(page, demo, deliver):
    page.context.clear_cookies(name="sessionid")
    deliver.locator("button").click()
    assert "Nothing was recorded" in page.inner_text("main")
    page.fill("#id_username", "case-manager")
    page.fill("#id_password", demo[1])
    page.click("form.login button")
    assert "Nothing was recorded" in page.inner_text("main")
    assert typed(page) == "4100"
    page.click("form#unsent button")
    assert page.url == f"{demo[0]}{CASE}deliver/"
    assert page.locator("form[action$='/deliver/'] [name=quantity]").input_value() == "4100"


def test_the_language_button_after_a_refusal_keeps_what_was_typed(page, deliver):
    deliver.locator("button").click()
    assert page.locator("[role=alert]").count() == 1
    page.click("text=Español")
    assert page.get_attribute("html", "lang") == "es"
    assert "No se registró nada" in page.inner_text("main")
    assert typed(page) == "4100"


def test_the_address_of_a_refusal_opens_the_page_of_its_form(page, demo, deliver):
    deliver.locator("button").click()
    assert page.goto(page.url).status == 200
    assert page.url == demo[0] + CASE
