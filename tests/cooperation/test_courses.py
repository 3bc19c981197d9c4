"""Rows of training reports in common terms: every verdict by a rule with its reason."""

from datetime import date

import pytest

from confianza.cooperation.bilingual import BilingualText
from confianza.cooperation.money import Money
from confianza.cooperation.training import Category, PmeLevel, ReportRow
from confianza.cooperation.training.courses import program_parts, program_wholes, schools, value_names
from confianza.cooperation.training.normalize import (
    FIELDS,
    classified_rule,
    normalize,
    packaged_rules,
    read_rules,
)
from confianza.errors import ImportRefusal
from confianza.evidence.imet import is_imet


def line(**changed):
    facts = {
        "report": "2011-2012",
        "volume": "v.pdf",
        "page": 1,
        "row": 1,
        "fiscal_year": 2011,
        "partner_code": "MX",
        "program": "IMET-1",
        "course_title": "AIR WAR COLLEGE",
        "student_count": 1,
        "location": "MAXWELL AFB, AL",
        "student_unit": "SEMAR",
        "us_unit": "",
        "cost": Money(100),
        "start_date": date(2011, 7, 1),
        "end_date": date(2012, 6, 1),
    }
    return ReportRow(**(facts | changed))


def test_every_verdict_says_which_rule_decided_and_why():
    verdict = normalize(line()).category
    assert (verdict.value, verdict.rule_id) == (Category.PME, "war-colleges")
    assert verdict.reason.en
    assert verdict.reason.es
    assert verdict.version == packaged_rules().version


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("INTER AMERICAN AIR FORCES ACADEMY, LACKLAND AFB, TX", "IAAFA"),
        ("WESTERN HEMISPHERE INSTITUTE FOR SECURITY COOPERATION", "WHINSEC"),
        ("IADC FT MCNAIR", "IADC"),
        ("MAXWELL AFB, AL", "AIR-UNIVERSITY"),
        ("DLIELC, LACKLAND AFB TX", "DLIELC"),
        ("MEXICO (IN COUNTRY TRAINING)", "IN-COUNTRY"),
    ],
)
def test_a_location_belongs_to_its_school(location, code):
    assert normalize(line(location=location)).school_code.value == code


def test_the_three_platforms_of_the_thesis_are_marked():
    assert {school.code for school in schools().values() if school.is_platform} == {
        "IADC",
        "WHINSEC",
        "IAAFA",
    }


def test_a_value_no_rule_fits_is_unmatched_and_told():
    found = normalize(line(program="UNHEARD OF"))
    assert found.program_family.value == "unmatched"
    assert found.program_family.rule_id == "none"
    assert "program_family" in found.unmatched()


# --- each field -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "family"),
    [
        ("IMET-1", "imet-1"),
        ("IMET-X", "imet-x"),
        ("Section 1004", "section-1004"),
        ("DOHS/USCG", "coast-guard"),
        ("Non-SA, UC, JCET", "jcet"),
        ("Non-SA, UC", "non-security-assistance"),
        ("INCLE", "inl"),
        # as the reports of other years head their blocks
        (
            "Western Hemisphere Region, Mexico, International Military Education and Training (IMET), FY03",
            "imet-undivided",
        ),
        ("DoS Africa Region, Angola, Africa Center for Strategic Studies, FY01", "regional-centers"),
        ("Drug Interdiction and Counter-Drug Activities, Section 1004,FY03", "section-1004"),
        ("Non-Security Assistance, Combatant Command,FY03", "non-security-assistance"),
        ("Section 1206/2282", "section-1206-2282"),
        ("Section 333", "section-333"),
    ],
)
def test_a_heading_belongs_to_its_program_family(heading, family):
    assert normalize(line(program=heading)).program_family.value == family


@pytest.mark.parametrize("heading", ["IMET-1", "IMET-X", "IMET-2", "E-IMET"])
def test_imet_is_one_program_however_a_report_divides_it(heading):
    assert is_imet(heading)
    assert normalize(line(program=heading)).program_family.value in program_parts("imet")
    assert not is_imet("Section 1004")
    assert program_parts("ctfp") == ("ctfp",)


def test_every_part_of_a_program_is_a_family_that_some_rule_gives():
    given = {rule.value for rule in packaged_rules().by_field["program_family"]}
    for whole, parts in program_wholes().items():
        assert set(parts) <= given
        assert whole not in given, "rows of the whole alone could not be asked for"


@pytest.mark.parametrize(
    ("partner", "unit", "institution"),
    [
        ("MX", "SEDENA", "sedena"),
        ("MX", "Secretar¡a de Marina", "semar"),
        ("MX", "401st Air Sq, Santa Lucia, Estado de Mexico", "mexican-air-force"),
        ("MX", "9th Mil Police Bn, Campo Mil #37-C", "mexican-army"),
        ("MX", 'ARM "Holzinger" PO-131 - Tampico, Tamaulipas', "semar"),
        ("MX", "Centro Hospitalario del Estado Mayor Presidencial, Mexico, D.F.", "presidential-staff"),
        ("MX", "Policía Federal", "federal-police"),
        ("MX", "Air Interception, PGR, Mexico, D.F.", "attorney-general"),
        ("MX", "SEDENA, SEMAR and SSP", "several"),
        ("MX", "N/A", "not-named"),
        ("CO", "COLOMBIAN NATIONAL POLICE, AIR SERVICE", "police"),
        ("CO", "COLOMBIAN ARMY COUNTERNARCOTICS BRIGADE", "army"),
        ("HT", "Haitian Garde Cote", "coast-guard"),
        ("BR", "Marinha do Brasil", "navy"),
        ("BR", "Military Police", "police"),
        ("US", "Military Police", "army"),
        ("BS", "Royal Bahamas Defence Force", "defence-force"),
        ("PE", "FUERZA AÉREA DEL PERÚ", "air-force"),
        ("SN", "Marine Nationale", "navy"),
        ("SN", "Armée de l'Air", "air-force"),
        ("BJ", "Armée de Terre", "army"),
        ("BJ", "Ministère de la Défense", "ministry-of-defence"),
        ("CV", "Forças Armadas de Cabo Verde", "joint"),
        ("PY", "DCEI", "unmatched"),
    ],
)
def test_a_unit_belongs_to_its_institution(partner, unit, institution):
    assert normalize(line(partner_code=partner, student_unit=unit)).institution_code.value == institution


@pytest.mark.parametrize(
    ("title", "category", "level"),
    [
        ("AIR WAR COLLEGE", "pme", "war-college"),
        ("NCO PROFESSIONAL DEVELOPMENT", "pme", "nco"),
        ("UNITED STATES NAVAL ACADEMY, ACADEMIC YEAR 2010-2011", "pme", "cadet"),
        ("ARMOR BASIC OFFICER LEADER-BRANCH", "pme", "basic"),
        ("CAPTAINS CAREER COMMON CORE", "pme", "captain"),
        ("AIR COMD & STAFF COLLEGE", "pme", "staff"),
        ("COMBINED FORCE MARITIME COMPONENT CDR FLAG COURSE", "pme", "senior"),
        ("NCO PD MTT", "pme", "nco"),  # what is taught comes before who teaches it
        ("BOARDING OFF BASIC EIMET", "e-imet", "none"),  # the mark comes before "officer basic"
        (
            "MET CT-RESP TO TERRORISM COLOMBIAN WAR COLLEGE",
            "e-imet",
            "none",
        ),  # taught at a war college, not its course
        ("INFORMATION TECHNOLOGY SPECIALIST ALC", "pme", "nco"),  # Advanced Leader Course
        ("ALC/SPECIALIZED ENGLISH ONLY", "english-language", "none"),  # American Language Course
        ("CIV-MILITARY RELATIONS - MET", "e-imet", "none"),
        ("CIVIL MILITARY OPS (SP)", "technical", "none"),
        ("CREW RESOURCE MGMT INSTRUC", "technical", "none"),
        ("MTT SMALL BOAT OPS, BASIC", "mobile-team", "none"),
        ("570 MECHANICAL ENGRG - MS", "graduate-education", "none"),
        ("Strategy and Defense Policy", "security-studies", "none"),
        ("HIV/AIDS CONFERENCE", "conference", "none"),
        ("NationLab, 2012 June - Mexico - SEDENA", "exercise", "none"),
        ("OJT MLE OFFICER", "on-the-job", "none"),
        ("C-130B/E/H PROPELLER TECHN", "technical", "none"),
        ("MTT SUPPORT REQUIREMENTS", "other", "none"),
        ("QWERTZ", "unmatched", "unmatched"),
        # as later and earlier reports write
        ("Command & General Staff Officer's Course", "pme", "staff"),
        ("Basic American Language Instructor Course (BALIC)", "english-language", "none"),
        ("USA C&GSC OFF PREPARATORY", "pme", "staff"),
        ("U.S. ARMY SGT MAJOR PREP", "pme", "nco"),
        ("OBC INTERNATION ENR PREP", "pme", "basic"),
        ("SIG OFF ADV PREP-INTER OFF", "pme", "captain"),
    ],
)
def test_a_title_belongs_to_its_category_and_level(title, category, level):
    found = normalize(line(course_title=title))
    assert (found.category.value, found.level.value) == (category, level)


@pytest.mark.parametrize(
    ("place", "unit", "code"),
    [
        ("Washington, DC, United States", "NESA", "NESA"),
        ("FORT BENNING GA 31905-6245", "", "WHINSEC"),  # the codes of the post tell schools of one base apart
        ("LACKLAND AFB, TX 78236-5706", "", "IAAFA"),
        ("LACKLAND AFB, TX 78236-5259", "", "DLIELC"),
        ("Ft. Leavenworth, KS, US", "Command & General Staff College", "CGSC"),
        ("Ft. Benning, GA, US", "", "FORT-BENNING"),
        ("NAVDIVSALVTRACEN PANAMA CITY FL", "", "NAVAL-DIVING"),
        ("Mexico City", "ARNORTH - 3", "ARMY-NORTH"),
        ("Campeche, Mexico", "", "IN-COUNTRY"),
        ("Panama City, Panama", "", "OUTSIDE-US"),
        ("Accra Ghana", "", "OUTSIDE-US"),
        ("VARIOUS", "-", "NOT-NAMED"),
        ("Libreville", "", "unmatched"),
    ],
)
def test_a_place_and_unit_belong_to_their_school(place, unit, code):
    assert normalize(line(location=place, us_unit=unit)).school_code.value == code


@pytest.mark.parametrize(
    ("partner", "place", "code"),
    [
        ("GH", "Accra Ghana", "IN-COUNTRY"),
        ("BN", "Accra Ghana", "OUTSIDE-US"),
        ("IN", "Ft Indiana, PA", "unmatched"),
        ("GE", "Fort Benning, Georgia", "FORT-BENNING"),
        ("NE", "Abuja, Nigeria", "OUTSIDE-US"),
    ],
)
def test_training_in_the_partner_s_own_country_is_told_from_training_abroad(partner, place, code):
    assert normalize(line(partner_code=partner, location=place)).school_code.value == code


# --- the tables themselves --------------------------------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS)
def test_every_rule_has_its_own_id_both_reasons_and_a_named_value(field):
    rules = packaged_rules().by_field[field]
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.reason.en != rule.reason.es or field == "school_code", rule.id
        assert value_names(field)[rule.value].en, rule.id
        assert rule.pattern.pattern, f"{rule.id} would take everything"


def test_every_category_and_level_is_named_and_some_rule_finds_it():
    rules = packaged_rules().by_field["category"]
    assert set(value_names("category")) == set(Category)
    assert {rule.value for rule in rules} == set(Category) - {Category.UNMATCHED}
    assert {rule.level for rule in rules} == {*PmeLevel, "none"}
    assert set(value_names("level")) == {*PmeLevel, "none", "unmatched"}


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("WHINSEC", "es"),
        ("DLIELC", "en"),
        ("CGSC", "en"),
        ("MOBILE-TEAM", ""),
        ("IN-COUNTRY", ""),
        ("USCG-INTERNATIONAL-TEAMS", ""),
        ("FORT-BENNING", ""),
    ],
)
def test_the_language_of_a_school_is_told_only_when_it_is_known(code, language):
    assert schools()[code].language == language


def test_every_kind_of_school_has_a_name_and_every_name_a_school():
    assert {school.kind for school in schools().values()} == set(value_names("kind"))


def test_places_lie_where_their_state_or_country_does():
    for school in schools().values():
        if school.place is not None and school.place.country == "US":
            is_hawaii = school.place.state == "HI"
            assert (18 if is_hawaii else 24) < school.place.latitude < (23 if is_hawaii else 49), school.code
            assert (-161 if is_hawaii else -125) < school.place.longitude < (-154 if is_hawaii else -66)
    assert schools()["MARSHALL"].place.country == "DE"
    assert schools()["WHINSEC"].place.city == "Fort Benning"


# --- rules of a workspace ---------------------------------------------------------------------------------

OURS = """
version = "our-1"

[[institution_code]]
id = "our-education-office"
value = "ministry-of-defence"
partner_code = "PY"
pattern = "^DCEI$"
reason = { en = "Its office of education.", es = "Su oficina de enseñanza." }

[[category]]
id = "our-course"
value = "pme"
level = "senior"
pattern = "QWERTZ"
reason = { en = "Ours.", es = "Nuestro." }
"""


def test_rules_of_a_file_come_before_the_packaged_ones(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text(OURS, encoding="utf-8")
    rules = read_rules(path)
    found = normalize(line(partner_code="PY", student_unit="DCEI", course_title="QWERTZ"), rules)
    assert (found.institution_code.value, found.institution_code.rule_id) == (
        "ministry-of-defence",
        "our-education-office",
    )
    assert (found.category.value, found.level.value) == ("pme", "senior")
    assert found.category.version == f"{packaged_rules().version}+our-1"
    assert (
        normalize(line(partner_code="PE", student_unit="DCEI"), rules).institution_code.value == "unmatched"
    )
    assert normalize(line(), rules).category.value == "pme"  # what the file does not speak of stays


def test_a_settled_value_is_for_exactly_its_text():
    rule = classified_rule("settled-1", "category", "BCOT (X)", "technical", BilingualText("T.", "T."))
    rules = packaged_rules().extended("settled-1", {"category": [rule]})
    assert normalize(line(course_title="bcot  (x)"), rules).category.value == "technical"
    assert normalize(line(course_title="BCOT (X) II"), rules).category.value == "unmatched"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (('value = "pme"', 'value = "pmee"'), "row 1, field category: this rule cannot be used: 'pmee'"),
        (('level = "senior"', ""), "PME, and PME only, has a level"),
        (('pattern = "QWERTZ"', 'pattern = "("'), "row 1, field category"),
        (('pattern = "QWERTZ"', ""), "pattern is missing"),
        (("[[category]]", "[[categories]]"), "categories is none of program_family"),
        (('version = "our-1"', ""), "field version"),
        (('version = "our-1"', "version"), "not a file of rules"),
    ],
)
def test_a_faulty_file_of_rules_is_refused_with_the_place(tmp_path, changed, said):
    path = tmp_path / "ours.toml"
    path.write_text(OURS.replace(*changed), encoding="utf-8")
    with pytest.raises(ImportRefusal) as refused:
        read_rules(path)
    assert said in str(refused.value)
    assert "ours.toml" in str(refused.value)
