"""ICEWS, POLECAT, the Kansas project and plain tables: small files made by hand, counted by hand."""

from datetime import date

import pytest

from confianza.errors import ImportRefusal
from confianza.evidence.sources import events
from confianza.evidence.sources.events.actors import (
    actor_of_code,
    actor_of_icews,
    actor_of_icews_name,
    actor_of_text,
    country_of_cow,
)
from confianza.evidence.sources.events.codes import CLASSES, cameo_codes, event_code, goldstein_tables


def counted(table):
    (row,) = table.lines.rows(named=True)
    return {name: value for name, value in row.items() if value and name not in {"file", "form"}}


def form(table):
    return table.lines["form"].item()


def pair(table, source="USA", target="MEX"):
    (row,) = table.table.filter(source_iso3=source, target_iso3=target).rows(named=True)
    return row


@pytest.fixture
def file(tmp_path):
    def write(content, name="events.txt"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


TRUMP = ("Donald Trump", "Executive,Government", "United States")
PENA = ("Enrique Peña Nieto", "Executive,Government", "Mexico")
HEADER = (
    *(
        "Event ID",
        "Event Date",
        "Source Name",
        "Source Sectors",
        "Source Country",
        "Event Text",
        "CAMEO Code",
    ),
    *(
        "Intensity",
        "Target Name",
        "Target Sectors",
        "Target Country",
        "Story ID",
        "Sentence Number",
        "Publisher",
    ),
    *("City", "District", "Province", "Country", "Latitude", "Longitude"),
)
CITIZEN = ("Citizen (Mexico)", "General Population / Civilian / Social", "Mexico")
MARINES = ("Marines (United States)", "Military,Government", "United States")


def icews(number, day, source, text, code, intensity, target, story):
    place = ("NA", "NA", "NA", "Mexico", "1", "2")
    return "\t".join(
        [str(number), day, *source, text, code, intensity, *target, story, "1", 'A "quoted" paper', *place]
    )


ICEWS = "".join(
    f"{line}\n"
    for line in (
        "\t".join(HEADER),
        icews(
            1,
            "2018-06-01",
            ("Police", "Government,Police", "United States"),
            "Use force",
            "190",
            "-10",
            CITIZEN,
            "7",
        ),
        icews(2, "2018-06-01", TRUMP, "Consult", "040", "1", PENA, "8"),
        icews(3, "2018-06-01", PENA, "Consult", "040", "1", TRUMP, "8"),
        icews(4, "2018-06-01", TRUMP, "Consult", "040", "1", PENA, "8"),
        icews(5, "2018-06-02", MARINES, "x", "016", "-5", ("Military (Mexico)", "Military", "Mexico"), "9"),
        icews(6, "2018-06-02", ("UN", "NA", "NA"), "Consult", "040", "1", ("Mexico", "NA", "Mexico"), "9"),
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_icews_rows_with_their_sectors(file, encoding):
    table = events.pairs(file(ICEWS.encode(encoding)))
    assert form(table) == "icews"
    assert counted(table) == {"lines": 7, "header": 1, "read": 4, "repeated": 1, "no-country": 1}
    row = pair(table)
    assert row["period"] == date(2018, 6, 1)
    assert (row["events"], row["verbal_cooperation"], row["law_border"]) == (3, 2, 1)
    assert (row["military"], row["official"], row["source_police"], row["target_private"]) == (1, 2, 1, 1)
    assert (row["mirrored"], pair(table, "MEX", "USA")["mirrored"]) == (1, 1)
    assert row["goldstein_sum"] == -10 + 1 - 5  # 016 is -5 in ICEWS, -2 in GDELT, 3.4 in the scale 0.5B1
    assert row["covered_share"] == pytest.approx(2 / 30)
    assert table.notes == ()


def test_icews_rows_without_a_header_and_with_names_as_a_script_wrote_them(file):
    header, *rows = ICEWS.splitlines(keepends=True)
    assert counted(events.pairs(file("".join(rows))))["read"] == 4
    snake = header.lower().replace(" ", "_").replace("\t", ",")
    assert (
        counted(
            events.pairs(
                file(snake + "2,2018-06-01,A,Police,Mexico,x,040,1,B,NA,United States,8,1,P,,,,,1,2\n")
            )
        )["read"]
        == 1
    )


def test_names_with_relations(file):
    rows = (
        "date\tsource\trelation\ttarget\n"
        "2014-01-01\tPolice (United States)\tArrest, detain, or charge with legal action\tCitizen (Mexico)\n"
        "2014-01-01\tMexico\tConsult\tUnited States\n"
        "2014-01-02\tDefense Attorney (United States)\tConsult\tMexico\n"
        "2014-01-02\tBenjamin Netanyahu\tConsult\tMexico\n"
        "2014-01-02\tMexico\tConsult\tMiddle East\n"
        "2014-01-02\tMexico\tDance with\tUnited States\n"
    )
    table = events.pairs(file(rows))
    assert form(table) == "icews-relations"
    assert counted(table) == {
        "lines": 7,
        "header": 1,
        "read": 3,
        "no-country": 1,
        "region": 1,
        "code-unknown": 1,
    }
    row = pair(table)
    assert (row["events"], row["law_border"], row["military"], row["official"]) == (2, 1, 0, 0)


def test_tables_by_pair_and_year_keep_their_zeros(file):
    rows = (
        '"year","i_iso3c","j_iso3c","i","j","verbCoop","matlCoop","verbConf","matlConf","i_polity2","j_polity2"\n'
        '2002,USA,MEX,"United States, of America",Mexico,617,13,55,52,,7\n'
        "2002,MEX,ABW,Mexico,Aruba,0,0,0,0,,\n"
        "2002,MEX,QQQ,Mexico,Nowhere,1,0,0,0,,\n"
        "2002,MEX,CAN,Mexico,Canada,1,x,0,0,,\n"
    )
    path = file(rows)
    with pytest.raises(ImportRefusal, match="Count it by year"):
        events.pairs(path)
    table = events.pairs(path, period="year")
    assert counted(table) == {"lines": 5, "header": 1, "read": 2, "country-unknown": 1, "count": 1}
    row = pair(table)
    assert [row[name] for name in ("events", *CLASSES)] == [737, 617, 13, 55, 52]
    assert (row["law_border"], row["mirrored"], row["covered_share"]) == (None, None, None)
    assert pair(table, "MEX", "ABW")["events"] == 0


def test_tables_by_pair_and_month_have_countries_of_the_correlates_of_war(file):
    header = "source,target,year,month," + ",".join(f"event{root}" for root in range(1, 21))
    rows = f"{header}\nAUS,GMY,1999,9,{','.join(str(root) for root in range(1, 21))}\nUSA,ROK,1999,13,{'0,' * 19}0\n"
    table = events.pairs(file(rows))
    assert counted(table) == {"lines": 3, "header": 1, "read": 1, "date": 1}
    row = pair(table, "AUT", "DEU")
    assert row["period"] == date(1999, 9, 1)
    assert [row[name] for name in CLASSES] == [15, 30, 60, 105]


POLECAT = """\
Event ID,Event Date,Event Type,Event Mode,Intensity,Quad Code,Actor Name,Actor Country,Primary Actor Sector,\
Recipient Name,Recipient Country,Primary Recipient Sector,Publication Date
e1,2022-05-03,COERCE,arrest,-5,MATERIAL CONFLICT,Policía,USA,COP,A,MEX,CVL,2022-05-04
e1,2022-05-03,COERCE,arrest,-5,MATERIAL CONFLICT,Policía,USA,COP,A,MEX,CVL,2022-05-04
e2,2022-05-03,AGREE,None,3,VERBAL COOPERATION,B,USA,GOV,C,MEX,MIL,2022-05-03
e3,2022-05-03,AID,military,6,MATERIAL COOPERATION,B,USA;CAN,GOV,C,MEX,MIL,2022-05-03
e4,2022-05-03,ASSAULT,None,-9,MATERIAL CONFLICT,B,None,None,C,MEX,MIL,2022-05-03
e5,2022-05-03,DANCE,None,-9,MATERIAL CONFLICT,B,USA,None,C,MEX,MIL,2022-05-03
""".replace(",", "\t")


def test_polecat_by_its_published_columns(file):
    table = events.pairs(file(POLECAT.encode("latin-1")))
    assert form(table) == "polecat"
    assert counted(table) == {
        "lines": 7,
        "header": 1,
        "read": 2,
        "repeated": 1,
        "several-countries": 1,
        "no-country": 1,
        "code-unknown": 1,
    }
    row = pair(table)
    assert (row["events"], row["law_border"], row["verbal_cooperation"]) == (2, 1, 1)
    assert (row["source_police"], row["target_private"], row["target_military"]) == (1, 1, 1)


def test_kansas_files_of_cameo_with_and_without_a_header(file):
    rows = "1979-04-15\tUSAGOV\tMEXMIL\t010\n1979-04-15\tISRMIL\tPAL\t190\n1979-04-16\tGMW\tMOSREB\t173\n"
    for header in ("date\tsource\ttarget\tcode\n", ""):
        table = events.pairs(file(header + rows))
        assert form(table) == "keds-cameo"
        assert table.lines["read"].item() == 2
        assert (pair(table)["official"], pair(table, "ISR", "PSE")["material_conflict"]) == (1, 1)
    (early,) = events.read(file("790415\tUSAGOV\tMEXMIL\t010\n"))
    assert early["date"].to_list() == [date(1979, 4, 15)]


def test_kansas_files_of_weis_are_not_read_as_cameo(file):
    rows = (
        "date\tsource\ttarget\tcode\n1989-05-02\tAUS\tSWZ\t223\n"
        "1989-05-03\tFRNGOV\tUNO\t032\n1989-05-03\tFRN\tGER\t212\n"
    )
    table = events.pairs(file(rows))
    assert form(table) == "keds-weis"
    assert (
        pair(table, "AUT", "CHE")["material_conflict"] == 1
    )  # Austria and Switzerland, not Australia and Eswatini
    assert pair(table, "FRA", "DEU")["law_border"] == 1
    assert table.lines["no-country"].item() == 1


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_plain_table_in_any_order_of_columns(file, separator):
    rows = [
        ["Code", "Remark", "Target", "Date", "Source", "URL"],
        ["042", '"a, b; c"', "Mexico", "2020-01-02", "USA", "http://a"],
        ["190", "", "MX", "2020-01-03", "usa", "http://b"],
        ["190", "", "MX", "2020-01-03", "usa", "http://b"],
        ["10", "", "MEX", "2020-01-03", "USAGOV", "http://c"],
        ["042", "", "Atlantis", "2020-01-03", "USA", "http://d"],
    ]
    table = events.pairs(file("".join(separator.join(row) + "\n" for row in rows)))
    assert form(table) == "plain"
    assert counted(table) == {
        "lines": 6,
        "header": 1,
        "read": 2,
        "repeated": 1,
        "code-ambiguous": 1,
        "country-unknown": 1,
    }
    assert (pair(table)["verbal_cooperation"], pair(table)["material_conflict"]) == (1, 1)


def test_days_that_can_be_read_in_two_ways_refuse_the_file(file):
    with pytest.raises(ImportRefusal, match="YYYY-MM-DD"):
        events.pairs(file("date,source,target,code\n03/04/2015,USA,MEX,042\n"))
    (frame,) = events.read(file("date,source,target,code\n03/04/2015,USA,MEX,042\n13/04/2015,USA,MEX,042\n"))
    assert frame["date"].to_list() == [date(2015, 4, 3), date(2015, 4, 13)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no rows"),
        (b"  \n\n", "no rows"),
        (b"a,b\n1,2\n", "none of GDELT"),
        (b'{"a": 1}', "JSON"),
        (b"<html>", "HTML"),
        (b"PAR1....", "Parquet"),
        (b"\x1f\x8b\x08\x00damaged", "unpacked"),
        (b"PK\x03\x04damaged", "unpacked"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (bytes(range(256)) * 9, "binary"),
        (b"date,source,target,code\n", "day|Day|no row"),
        (b"date,source,target,code\n2015-01-01,USA,MEX,999\n", "no row of it can be read"),
    ],
)
def test_what_is_no_table_of_events_is_refused_by_name(file, content, reason):
    with pytest.raises(ImportRefusal, match=reason):
        events.pairs(file(content))


def test_all_files_that_cannot_be_read_are_named_together(file, tmp_path):
    paths = [file("a,b\n1,2\n", "a.csv"), tmp_path / "absent.csv", file(ICEWS, "good.tab")]
    with pytest.raises(ImportRefusal) as refused:
        events.pairs(paths)
    assert [problem.file for problem in refused.value.problems] == ["a.csv", "absent.csv"]


def test_every_code_has_a_value_in_each_table_and_a_class():
    assert len(cameo_codes()) == 313
    for scale, table in goldstein_tables().items():
        assert cameo_codes() - set(table) == ({"019", "116", "129"} if scale == "keds" else set()), scale
        assert all(-10 <= value <= 10 for value in table.values())
    tables = goldstein_tables()
    differing = {
        code for code in cameo_codes() if len({table[code] for table in tables.values() if code in table}) > 1
    }
    assert {code for code in differing if len(code) == 3} == {"016", "022", "124", "163", "164", "166"}
    roots = {code[:2]: event_code(code, "cameo").event_class for code in cameo_codes() if len(code) > 2}
    assert [roots[f"{root:02}"] for root in (1, 5, 6, 9, 10, 14, 15, 20)] == [
        kind for kind in CLASSES for _ in "12"
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("42", "042"),
        ("10", "010"),
        ("190", "190"),
        ("831", "0831"),
        ("1031.0", "1031"),
        ("---", None),
        ("9999", None),
    ],
)
def test_leading_zeros_that_a_spreadsheet_took_are_restored(given, code):
    assert event_code(given, "cameo").code == code


def test_actors_have_countries_and_roles():
    assert [
        (actor.iso3, actor.role) for actor in map(actor_of_code, ("USA", "USAGOVMIL", "MNCUSA", "ROMCOP"))
    ] == [
        ("USA", "country"),
        ("USA", "military"),
        ("USA", "organization"),
        ("ROU", "police"),
    ]
    assert [actor_of_code(code).reason for code in ("IGOEUREEC", "CHRCTH", "", "GOV")] == [
        "region",
        "no-country",
        "no-country",
        "no-country",
    ]
    assert (
        actor_of_icews("Ministry (X)", "South Korea", "Defense / Security Ministry,Government").role
        == "government"
    )
    assert actor_of_icews_name("Defense Attorney (United States)").role == "organization"
    assert [actor_of_text(text).iso3 for text in ("MEX", "mx", "México", "Viet Nam", "Atlantis")] == [
        "MEX",
        "MEX",
        "MEX",
        "VNM",
        None,
    ]
    assert [country_of_cow(code).iso3 for code in ("AUS", "AUL", "SWZ", "SWA", "UKG")] == [
        "AUT",
        "AUS",
        "CHE",
        "SWZ",
        "GBR",
    ]
