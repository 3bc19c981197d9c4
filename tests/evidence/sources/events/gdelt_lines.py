"""Lines as GDELT publishes them, made by hand: 57, 58 or 61 columns."""

GOLDSTEIN = {"010": "0.0", "042": "1.9", "043": "2.8", "112": "-2.0", "173": "-5.0", "190": "-10.0"}


def line(
    number=1,
    day="20200102",
    source="USA",
    target="MEX",
    code="042",
    *,
    columns=61,
    added=None,
    address="http://a.example/1",
    goldstein=None,
    mentions="3",
):
    """One row of 57 or 58 columns (GDELT 1.0) or 61 (2.0)."""
    root = code[:2]
    quad = "---" if not root.isdecimal() else str(1 + (int(root) > 5) + (int(root) > 9) + (int(root) > 14))
    actors = [[code, code, code[:3], *[""] * 7] for code in (source, target)]
    place = ["4", "Somewhere", "US", "USTX", *([""] if columns == 61 else []), "1.5", "2.5", "7"]
    cells = [str(number), day, day[:6], day[:4], f"{day[:4]}.01", *actors[0], *actors[1]]
    cells += [
        "1",
        code,
        code[:3],
        root,
        quad,
        goldstein,
        mentions,
        "1",
        mentions,
        "-1.5",
        *place,
        *place,
        *place,
    ]
    if goldstein is None:
        cells[30] = GOLDSTEIN.get(code, "")
    added = added or (f"{day}001500" if columns == 61 else day)
    return "\t".join([*cells, added, *([address] if columns > 57 else [])])


def text(*lines):
    return "".join(f"{item}\n" for item in lines)
