"""What the scripts add to pages, and that nothing is lost without them."""

import re
from pathlib import Path

VOLUME = Path(__file__).parents[1] / "data" / "fmtr" / "mx_2012_2013.pdf"


def test_a_chart_is_drawn_and_a_mark_tells_its_values(page, demo, sign_in):
    address, _ = demo
    sign_in("assessor")
    page.goto(f"{address}/training-reports/?by=fiscal_year")
    mark = page.locator("figure.chart .drawing svg .mark-rect path").last
    mark.scroll_into_view_if_needed()
    mark.hover()
    assert page.locator("figure.chart .tip").first.inner_text().strip()


def test_without_scripts_a_chart_is_a_picture_and_a_job_a_row(chromium, demo):
    address, password = demo
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/login/")
    page.fill("#id_username", "assessor")
    page.fill("#id_password", password)
    page.click("form.login button")
    page.goto(f"{address}/trust/")
    assert page.locator("figure.chart img").count() == 1
    page.goto(f"{address}/jobs/")
    assert page.get_by_role("button", name="Import file").count() == 1
    context.close()


def test_an_import_shows_how_far_it_is_and_what_came_of_it_without_a_reload(page, demo, sign_in):
    address, _ = demo
    sign_in("assessor")
    page.goto(f"{address}/sources/")
    page.get_by_role("link", name="Import a file").click()
    page.set_input_files("#id_file", VOLUME)
    page.fill("#id_partner_code", "MX")
    page.get_by_role("button", name="Import file").click()
    page.wait_for_load_state()
    page.evaluate("window.isTheSamePage = true")
    page.get_by_text("rows imported").wait_for(timeout=120_000)
    assert page.evaluate("window.isTheSamePage")


# --- from a mark to its records ------------------------------------------------------------------------


def without_scripts(chromium, demo, account: str):
    """A page of a browser that runs no script, with an account signed in."""
    address, password = demo
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(f"{address}/login/")
    page.fill("#id_username", account)
    page.fill("#id_password", password)
    page.click("form.login button")
    return page


def test_a_click_on_a_year_opens_its_rows_in_the_partnership(page, demo, sign_in):
    address, _ = demo
    sign_in("assessor")
    page.goto(f"{address}/p/us-mx/training-reports/?by=fiscal_year&partner_code=MX")
    mark = page.locator("figure.chart .drawing [role=link]").first
    mark.scroll_into_view_if_needed()
    mark.hover()
    assert "Fiscal year: 1999" in page.locator("figure.chart .tip").first.inner_text()
    mark.click()
    page.wait_for_url(f"{address}/p/us-mx/training-reports/rows/?partner_code=MX&from_fy=1999&to_fy=1999")
    years = page.locator("#results tbody td:nth-child(2)").all_inner_texts()
    assert set(years) == {"1999"}


def test_marks_are_reached_and_opened_by_keyboard(page, demo, sign_in):
    address, _ = demo
    sign_in("assessor")
    page.goto(f"{address}/trust/")
    drawing = page.locator("figure.chart .drawing svg")
    drawing.wait_for()
    assert drawing.get_attribute("role") == "group"
    assert page.locator("figure.chart [role=link][tabindex='0']").count() == 1, "a chart is one stop"
    page.locator("figure.chart [role=link]").first.focus()
    page.keyboard.press("ArrowRight")
    focused = page.locator("figure.chart [role=link]:focus")
    assert "1915" in focused.get_attribute("aria-label")
    assert "1915" in page.locator("figure.chart .tip").inner_text()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/relationship/?year=1914")


def test_without_scripts_the_table_leads_where_the_marks_do(chromium, demo):
    address, _ = demo
    page = without_scripts(chromium, demo, "assessor")
    page.goto(f"{address}/training-reports/?by=school_code&partner_code=MX")
    assert page.locator("figure.chart .drawing").count() == 0
    page.locator("table").first.get_by_role("row").nth(1).get_by_role("rowheader").get_by_role("link").click()
    page.wait_for_url(re.compile("/training-reports/schools/[A-Z-]+/$"))
    page.context.close()


# --- forms and searches --------------------------------------------------------------------------------


def test_a_field_is_checked_when_it_is_left_and_the_focus_goes_on(page, demo, sign_in):
    address, _ = demo
    sign_in("administrator")
    page.goto(f"{address}/people/")
    before = page.locator("tbody tr").count()
    page.fill("#id_account", "a b")
    page.keyboard.press("Tab")
    problem = page.locator("#id_account_problem p")
    problem.wait_for()
    assert page.locator("#id_account_problem").get_attribute("aria-live") == "polite"
    assert page.evaluate("document.activeElement.id") == "id_role"
    page.fill("#id_account", "ana")
    page.keyboard.press("Tab")
    problem.wait_for(state="detached")
    page.fill("#id_password", "short")
    page.keyboard.press("Tab")
    page.locator("#id_password_problem p").wait_for()
    page.reload()
    assert page.locator("tbody tr").count() == before


def test_without_scripts_a_form_is_sent_as_ever(chromium, demo):
    address, _ = demo
    page = without_scripts(chromium, demo, "administrator")
    page.goto(f"{address}/people/")
    page.fill("#id_account", "a b")
    page.fill("#id_password", "una-frase-larga-4")
    page.get_by_role("button", name="Add the account").click()
    assert page.locator("#id_account_problem p").inner_text()
    page.goto(f"{address}/training-reports/schools/")
    page.select_option("#id_language", "es")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "language=es" in page.url
    page.context.close()


def test_results_follow_what_is_typed_and_the_focus_stays(page, demo, sign_in):
    address, _ = demo
    sign_in("auditor")
    page.goto(f"{address}/audit/")
    page.evaluate("window.isTheSamePage = true")
    every = page.locator("#result-count").inner_text()
    page.locator("#id_account").press_sequentially("nobody")
    page.get_by_text("No event matches the search.").wait_for()
    assert page.locator("#result-count").inner_text() == "0 results" != every
    assert page.evaluate("window.isTheSamePage")
    assert page.evaluate("document.activeElement.id") == "id_account"
    assert "account=nobody" in page.url
    assert "account=nobody" in page.locator("#language-next").input_value()
    page.go_back()
    page.wait_for_url(f"{address}/audit/")
    page.locator("#results tbody tr").first.wait_for()


def test_a_chart_among_the_results_is_drawn_again(page, demo, sign_in):
    address, _ = demo
    sign_in("assessor")
    page.goto(f"{address}/training-reports/")
    page.locator("figure.chart .drawing svg").first.wait_for()
    page.select_option("#id_by", "school_code")
    mark = page.locator("figure.chart .drawing [role=link][aria-label*='Name:']").first
    mark.wait_for()
    mark.click()
    page.wait_for_url(re.compile("/training-reports/schools/[A-Z-]+/$"))
