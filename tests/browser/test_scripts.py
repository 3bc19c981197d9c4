"""What the scripts add to pages, and that nothing is lost without them."""

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
