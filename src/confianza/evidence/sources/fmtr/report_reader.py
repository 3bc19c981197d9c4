"""From headings, rows and totals in order to a reconciled Foreign Military Training Report, whatever it is set in.

A report lists countries; a country, program blocks; a block, rows and a line of totals. The totals are checks, never
data: every block and country is reconciled with what the report prints. A block that cannot be read is set aside with
its page, printed totals and text; the others are read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from confianza.errors import ImportRefusal, Problem
from confianza.evidence.countries import country_of_name
from confianza.evidence.sources.fmtr.headings import Heading, HeadingKind, split_country, totals_in_cells
from confianza.evidence.sources.fmtr.report import (
    BlockReconciliation,
    BlockSetAside,
    Report,
    Totals,
    UncheckedBlock,
)
from confianza.evidence.sources.fmtr.rows import BlockRows, RowPlace

STARTED_BEFORE = re.compile(
    r"\d{1,2}/\d{1,2}/\d{2,4} \d{1,2}/\d{1,2}/\d{2,4}$|\b\d+ \$[\d,]+$"
)  # the end of a row
CONTENTS = re.compile(r"(?P<name>.+?)[\s.…]*\d{0,4}$")  # a country and its page, in a list before the tables
LIKE_A_ROW = re.compile(
    r"\b\d+ \$?[\d,]+(?:\.\d+)?$|\$\d|\d{1,2}/\d{1,2}/\d{2,4}$"
)  # figures of a row or totals
ENOUGH_TOTALS = 6  # printed, to tell a report's own differences from a layout that is not understood
MOST_COMBINED = 3  # blocks that one line of totals may be of


@dataclass
class Block:
    """Rows under one heading, of one fiscal year, and what is printed below them."""

    rows: BlockRows
    country: str | None
    program: str | None
    fiscal_year: int | None  # None: no heading was read
    page: int
    last_page: int
    texts: list[str] = field(default_factory=list)
    printed: Totals | None = None
    is_running: bool = False  # its heading stood at the head of a page, where the block before it may go on
    is_set_aside: bool = False

    def add_text(self, text: str, page: int) -> None:
        """Keep a line as it is printed."""
        self.texts.append(text)
        self.last_page = page

    def set_aside(self) -> BlockSetAside:
        """The block as it is printed, without its rows."""
        problems = [*self.rows.faults, *self.rows.doubts]
        return BlockSetAside(
            self.country or "",
            self.program or "",
            self.fiscal_year,
            self.page,
            self.last_page,
            self.printed,
            "\n".join(self.texts),
            tuple(problems),
        )


@dataclass
class PrintedSum:
    """A line of totals and the blocks it is of."""

    program: str | None  # None: of a country
    blocks: list[Block]
    page: int
    printed: Totals
    fiscal_year: int | None = None

    @property
    def country(self) -> str | None:
        """The country of the blocks."""
        return self.blocks[-1].country

    @property
    def computed(self) -> Totals:
        """What the rows add up to, without those of blocks that are set aside."""
        return _computed(self.blocks)

    @property
    def agrees(self) -> bool:
        """Whether the rows add up to what is printed."""
        return self.computed.agrees_with(self.printed)

    @property
    def set_aside_count(self) -> int:
        """How many of the blocks are set aside."""
        return sum(block.is_set_aside for block in self.blocks)


def _computed(blocks: Iterable[Block]) -> Totals:
    return Totals.of([line for block in blocks if not block.is_set_aside for line in block.rows.lines])


@dataclass
class Position:
    """Where a volume is being read: country, program and block, each with the index of its first block."""

    country: str | None = None
    country_page: int = 0
    program: str | None = None
    country_start: int = 0
    program_start: int = 0
    block: Block | None = None  # under which rows may come: its totals have not been read


@dataclass(frozen=True)
class LooseText:
    """A line that is part of no block, heading or totals."""

    country: str | None
    block_count: int  # that were before it
    page: int
    row: int | None
    text: str
    code: str = "fmtr-line-outside-table"


class ReportReader:
    """Takes the headings, rows and totals of a volume in order and makes the report of them."""

    def __init__(self, volume: str, partner_code: str | None) -> None:
        self.volume = volume
        self.partner_code = partner_code
        self.at = Position()
        self.blocks: list[Block] = []
        self.sums: list[PrintedSum] = []
        self.loose: list[LooseText] = []
        self.since_totals: list[LooseText] = []  # lines since the last heading or totals, under no block
        self.ends_of_countries: list[
            tuple[str | None, int, int, int]
        ] = []  # without totals: blocks from, to; page
        self.last_block: tuple[str | None, str | None, int | None] = (None, None, None)
        self.named: set[str] = set()
        self.remarks: list[tuple[str | None, Problem]] = []  # of no block, by country

    @property
    def has_begun(self) -> bool:
        """Whether a block was headed; what stands before is contents and prefaces."""
        return bool(self.blocks)

    @property
    def is_open(self) -> bool:
        """Whether rows may come."""
        return self.at.block is not None

    def repeats_block(self, heading: Heading) -> bool:
        """Whether the head of a page names the last block: it goes on there, or ended on the page before."""
        block = heading.country, heading.program, heading.fiscal_year
        return heading.is_running and block == self.last_block

    # --- lines and rows ---------------------------------------------------------------------------

    def add_text(self, text: str, page: int) -> None:
        """Keep a line of a table as it is printed, before what is made of it is added."""
        self._block_of_rows(page).add_text(text, page)

    def add_stray(self, text: str, page: int, row: int | None = None) -> None:
        """Take a text that is part of no row, heading or totals."""
        if self.at.block is not None:
            self.at.block.add_text(text, page)
            self.doubt("fmtr-line-outside-table", page, row, text=text)
            return
        if not self.has_begun:
            match = CONTENTS.match(text)  # of a list before the tables, which may name a country
            if match and (country := country_of_name(match["name"])):
                self.named.add(country)
                return
        self.since_totals.append(LooseText(self.at.country, len(self.blocks), page, row, text))

    def add_unread_page(self, code: str, page: int, detail: str = "") -> None:
        """Take a page of which nothing could be read."""
        if self.at.block is not None:
            self.at.block.last_page = page
            self.doubt(code, page, detail=detail)
        self.loose.append(LooseText(self.at.country, len(self.blocks), page, None, "", code))

    def fault(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        """Note what keeps the open block from being read."""
        self._block_of_rows(page).rows.fault(code, page, row, **params)

    def doubt(self, code: str, page: int, row: int | None = None, **params: object) -> None:
        """Note what the totals of the open block must bear out."""
        self._block_of_rows(page).rows.doubt(code, page, row, **params)

    def add_row(self, texts: Mapping[str, str], page: int, row: int) -> None:
        """Take a row's texts by column; they may be those of totals that carry the cells of a row."""
        if heading := totals_in_cells(texts):
            self.add_totals_with_cells(heading, page, row, " ".join(filter(None, texts.values())))
            return
        block = self._block_of_rows(page)
        block.last_page = page
        if block.program is None or block.fiscal_year is None or block.country is None:
            if block.fiscal_year is None and not block.rows.faults:
                block.rows.fault("fmtr-table-without-program", page, row)
            if block.program is None or block.fiscal_year is None:
                return
        place: RowPlace = {
            "report": f"{block.fiscal_year}-{block.fiscal_year + 1}",
            "volume": self.volume,
            "page": page,
            "row": row,
            "fiscal_year": block.fiscal_year,
            "partner_code": block.country or "",
            "program": block.program,
        }
        block.rows.add(texts, place)

    def add_totals_with_cells(self, heading: Heading, page: int, row: int | None, text: str) -> None:
        """Take totals that are printed over a row, or a row over them: the rows must bear them out."""
        if self.at.block is not None:
            self.doubt("fmtr-totals-with-cells", page, row, text=text)
        self.add_heading(heading, page)

    def _block_of_rows(self, page: int) -> Block:
        """The open block; one without a heading is opened where none is."""
        if self.at.block is None:
            self.at.block = Block(BlockRows(self.volume), self.at.country, None, None, page, page)
            if self.at.program is None:
                self.at.program_start = len(self.blocks)
            for line in self.since_totals:
                self.at.block.add_text(line.text, line.page)
            self.since_totals = []
            self.blocks.append(self.at.block)
        return self.at.block

    # --- headings and totals ----------------------------------------------------------------------

    def add_heading(self, heading: Heading, page: int) -> None:
        """Take a heading or a line of totals."""
        if heading.country:
            self.named.add(heading.country)
        match heading.kind:
            case HeadingKind.COUNTRY:
                self._start_country(heading.country, page)
            case HeadingKind.BLOCK:
                self._start_block(heading, page)
            case HeadingKind.YEAR_TOTALS:
                self._end_block(heading, page)
            case HeadingKind.PROGRAM_TOTALS:
                self._end_program(heading, page)
            case HeadingKind.COUNTRY_TOTALS:
                self._end_country(heading, page)

    def _keep_loose(self) -> None:
        self.loose += self.since_totals
        self.since_totals = []

    def _start_country(self, country: str | None, page: int) -> None:
        self._keep_loose()
        start, end = self.at.country_start, len(self.blocks)
        if end > start:
            self.ends_of_countries.append((self.at.country, start, end, self.at.country_page))
        self.at = Position(country, page, country_start=end, program_start=end)

    def _start_block(self, heading: Heading, page: int) -> None:
        program, country = heading.program, heading.country
        if not heading.is_early:
            if self.at.country is None:
                # no country is headed: it may stand before the program
                country, rest = split_country(program, " ")
                if country:
                    self._start_country(country, page)
                    self.named.add(country)
                    program = rest
            country = self.at.country
        key = country, program, heading.fiscal_year
        if self.at.block is not None and self.last_block == key:
            self.at.block.add_text(heading.text, page)
            return  # a block's heading repeated on the next page
        if country != self.at.country:
            self._start_country(country, page)
        self._keep_loose()
        block = Block(
            BlockRows(self.volume), country, program, heading.fiscal_year, page, page, [heading.text]
        )
        block.is_running = heading.is_running
        if heading.is_of_unknown_country:
            block.rows.fault("fmtr-country-unknown", page, country=heading.text)
        self.last_block = key
        if program != self.at.program or not self.blocks[self.at.program_start :]:
            self.at.program_start = len(self.blocks)
        self.at.program, self.at.block = program, block
        self.blocks.append(block)

    def _end_block(self, heading: Heading, page: int) -> None:
        """Take the totals of a block, the open one or, where its heading was lost, one of the lines above them."""
        if heading.printed is None or self._is_before_the_tables():
            return
        block = self._block_of_rows(page)
        block.add_text(heading.line, page)
        if block.fiscal_year is None and not block.rows.faults:
            block.rows.fault("fmtr-table-without-program", page)
        block.printed = heading.printed
        year = heading.fiscal_year if heading.kind is HeadingKind.YEAR_TOTALS else None
        self.sums.append(PrintedSum(block.program or "", [block], page, heading.printed, year))
        self.at.block = None

    def _end_program(self, heading: Heading, page: int) -> None:
        self._drop_empty_running()
        blocks = self.blocks[self.at.program_start :]
        if self.at.block is not None or not blocks:  # of one year alone, or of lines without a heading
            self._end_block(heading, page)
        elif heading.printed:
            blocks[-1].add_text(heading.line, page)
            self.sums.append(PrintedSum(blocks[-1].program or "", blocks, page, heading.printed))
        self.at.program, self.at.program_start = None, len(self.blocks)

    def _drop_empty_running(self) -> None:
        """Forget a block that the head of a page names and that has no row, where the totals of the last come next."""
        block = self.at.block
        if (
            block is None
            or not block.is_running
            or block.rows.lines
            or block.rows.faults
            or block.rows.doubts
        ):
            return
        above = self.blocks[self.at.country_start : -1]
        if above and above[-1].printed is not None:
            above[-1].texts += block.texts
            self.blocks.pop()
            self.at.block, self.at.program = None, above[-1].program
            start = len(self.blocks) - 1
            while start > self.at.country_start and self.blocks[start - 1].program == self.at.program:
                start -= 1
            self.at.program_start = start

    def _end_country(self, heading: Heading, page: int) -> None:
        """Take the totals of a country; they name it where its heading was lost."""
        start = self.at.country_start
        if self._is_before_the_tables():
            self.at = Position()
            return
        if not self.blocks[start:]:
            self._block_of_rows(page)
        blocks = self.blocks[start:]
        self._keep_loose()
        if heading.is_early or heading.country == self.at.country:
            pass
        elif self.at.country is None and heading.country:
            for block in blocks:
                self._name_country(block, heading.country)
        elif heading.country is None and _computed(blocks).agrees_with(heading.printed or Totals.of([])):
            blocks[-1].rows.remarks.append(
                Problem("fmtr-country-unknown", self.volume, page, params={"country": heading.text})
            )
        else:
            code = "fmtr-totals-of-another-country" if heading.country else "fmtr-country-unknown"
            for block in blocks:
                block.rows.fault(code, page, country=heading.text)
        if heading.printed:
            if blocks[-1].fiscal_year is None and blocks[-1].printed is None and len(blocks) == 1:
                blocks[0].printed = heading.printed  # nothing but these is known of the country
                if not blocks[0].rows.faults:
                    blocks[0].rows.fault("fmtr-table-without-program", page)
            blocks[-1].add_text(heading.line, page)
            self.sums.append(PrintedSum(None, blocks, page, heading.printed))
        end = len(self.blocks)
        self.at = Position(country_start=end, program_start=end)

    def _is_before_the_tables(self) -> bool:
        """Whether totals stand in a list of a preface, and not below a block whose heading the file lacks."""
        return not self.has_begun and not any(STARTED_BEFORE.search(line.text) for line in self.since_totals)

    @staticmethod
    def _name_country(block: Block, country: str) -> None:
        block.country = country
        block.rows.lines = [replace(line, partner_code=country) for line in block.rows.lines]

    # --- what is read, and what is set aside ------------------------------------------------------

    def finish(self, last_page: int) -> Report:
        """The report, with what was set aside; the refusal of a file that is no report, or has nothing of a country."""
        years = self._years()
        if not years:
            raise ImportRefusal([Problem("fmtr-not-this-report", self.volume, 1)])
        self._keep_loose()
        cut_off = self.blocks[self.at.country_start :] if self.sums else []
        if not cut_off and len(self.blocks) > self.at.country_start:
            self.ends_of_countries.append(
                (self.at.country, self.at.country_start, len(self.blocks), self.at.country_page)
            )
        if cut_off:
            problem = Problem(
                "fmtr-cut-off",
                self.volume,
                last_page,
                params={"country": self.at.country or cut_off[-1].program or "?"},
            )
            self.remarks.append((cut_off[-1].country, problem))
        self._judge(years, cut_off)
        year = min(years)
        name = f"{year}-{year + 1}"
        set_aside, remarks = self._set_aside_and_remarks()
        report = Report(
            name=name,
            volume=self.volume,
            fiscal_year=year,
            lines=tuple(
                line if line.report == name else replace(line, report=name)
                for block in self._read_blocks()
                for line in block.rows.lines
            ),
            reconciliations=tuple(self._reconciliations()),
            remarks=tuple(remarks),
            unchecked=tuple(self._unchecked(cut_off)),
            named=tuple(sorted(code for code in self.named if self._is_wanted(code))),
            blocks_set_aside=tuple(set_aside),
        )
        if not (report.lines or report.reconciliations or report.blocks_set_aside):
            params = {"partner": self.partner_code or "-"}
            raise ImportRefusal([Problem("fmtr-nothing-found", self.volume, last_page, params=params)])
        return report

    def _is_wanted(self, country: str | None) -> bool:
        return self.partner_code in (None, country)

    def _read_blocks(self) -> list[Block]:
        return [block for block in self.blocks if not block.is_set_aside and self._is_wanted(block.country)]

    def _years(self) -> set[int]:
        """The fiscal years of the report: that of most blocks, and in early ones one before or after it."""
        counts = Counter(block.fiscal_year for block in self.blocks if block.fiscal_year is not None)
        if not counts:
            return set()
        (most, often), *_ = counts.most_common(1)
        beside = max((most - 1, most + 1), key=lambda year: counts[year])
        return {most, beside} if 10 * counts[beside] >= often else {most}

    def _judge(self, years: set[int], cut_off: Sequence[Block]) -> None:
        """Set the blocks aside that cannot be read, or that nothing bears out where they are in doubt."""
        for block in self.blocks:
            if block.country is None and not block.rows.faults:
                block.rows.fault("fmtr-block-without-country", block.page, program=block.program or "?")
            if block.fiscal_year is not None and block.fiscal_year not in years:
                block.rows.fault(
                    "fmtr-two-fiscal-years", block.page, first=block.fiscal_year, second=max(years)
                )
        for country, _start, _end, page in self.ends_of_countries if self.sums else []:
            params = {"program": country or "?"}
            self.remarks.append(
                (country, Problem("fmtr-block-without-totals", self.volume, page, params=params))
            )
        self._combine()
        self._bear_out()
        self._miss_rows()
        for block in self.blocks:
            if block.rows.faults or block.rows.doubts:
                block.is_set_aside = True
            elif self.sums and block.printed is None and not self._is_borne_out(block):
                is_last = any(block is other for other in cut_off)
                if not is_last:
                    block.rows.fault("fmtr-block-without-totals", block.page, program=block.program or "?")
                    block.is_set_aside = True
        whole = [item for item in self.sums if not item.set_aside_count and self._is_wanted(item.country)]
        good = sum(item.agrees for item in whole)
        if len(whole) >= ENOUGH_TOTALS and 2 * good < len(whole):
            for item in whole:
                if len(item.blocks) == 1 and not item.agrees and not item.blocks[0].is_set_aside:
                    item.blocks[0].rows.fault(
                        "fmtr-does-not-reconcile", item.page, good=good, count=len(whole)
                    )
                    item.blocks[0].is_set_aside = True

    def _miss_rows(self) -> None:
        """Note the blocks that print totals of something, and have no row."""
        combined = {id(item.blocks[-1]) for item in self.sums if len(item.blocks) > 1 and item.agrees}
        for block in self.blocks:
            printed = block.printed
            if printed is None or block.rows.lines or block.rows.faults or id(block) in combined:
                continue
            if printed.student_count or printed.cost.minor:
                block.rows.fault(
                    "fmtr-block-without-rows",
                    block.page,
                    program=block.program or "?",
                    students=printed.student_count,
                    cost=printed.cost,
                )

    def _combine(self) -> None:
        """Find the totals that are of a block and of those without totals above it: a line of totals was lost."""
        places = {id(block): at for at, block in enumerate(self.blocks)}
        for item in self.sums:
            if len(item.blocks) != 1 or item.program is None or item.agrees:
                continue
            at = places[id(item.blocks[0])]
            for start in range(at - 1, max(at - 1 - MOST_COMBINED, -1), -1):
                above = self.blocks[start]
                if above.printed is not None or above.country != item.country:
                    break
                blocks = self.blocks[start : at + 1]
                if _computed(blocks).agrees_with(item.printed):
                    item.blocks = blocks
                    break

    def _bear_out(self) -> None:
        """Make remarks of what is in doubt in blocks that totals agree with."""
        for item in self.sums:
            if not any(block.rows.faults for block in item.blocks) and item.agrees:
                for block in item.blocks:
                    block.rows.bear_out()

    def _is_borne_out(self, block: Block) -> bool:
        return any(item.agrees for item in self.sums if any(block is other for other in item.blocks))

    def _reconciliations(self) -> Iterable[BlockReconciliation]:
        for item in self.sums:
            is_own = len(item.blocks) == 1 and item.program is not None and item.blocks[0].is_set_aside
            is_known = item.country is not None and item.program != ""
            if is_known and not is_own and self._is_wanted(item.country) and item.country:
                yield BlockReconciliation(
                    item.country,
                    item.program,
                    item.page,
                    item.computed,
                    item.printed,
                    item.fiscal_year,
                    item.set_aside_count,
                )

    def _unchecked(self, cut_off: Sequence[Block]) -> Iterable[UncheckedBlock]:
        """The blocks and countries without totals: all of a report that prints none, or those that a file cuts off."""
        last = {id(block) for block in cut_off}
        for number, block in enumerate(self.blocks):
            is_read = not block.is_set_aside and block.country is not None and self._is_wanted(block.country)
            if is_read and block.country and block.printed is None and (not self.sums or id(block) in last):
                yield UncheckedBlock(block.country, block.program, block.page, Totals.of(block.rows.lines))
            for country, start, end, page in [] if self.sums else self.ends_of_countries:
                if end == number + 1 and country and self._is_wanted(country):
                    yield UncheckedBlock(country, None, page, _computed(self.blocks[start:end]))
        if cut_off and (country := cut_off[-1].country) and self._is_wanted(country):
            yield UncheckedBlock(country, None, cut_off[0].page, _computed(cut_off))

    def _set_aside_and_remarks(self) -> tuple[list[BlockSetAside], list[Problem]]:
        """What is set aside, in the order of the pages, and the remarks on what is not."""
        found: list[tuple[int, BlockSetAside]] = []
        remarks = [problem for country, problem in self.remarks if self._is_wanted(country)]
        first_named = next((at for at, block in enumerate(self.blocks) if block.country), len(self.blocks))
        for number, block in enumerate(self.blocks):
            # where one country is read, one that pages left out would name is another
            is_headed = any(problem.code == "fmtr-country-unknown" for problem in block.rows.faults)
            is_before = number < first_named and not is_headed
            is_other = block.country is None and self.partner_code is not None and is_before
            if is_other or not (block.country is None or self._is_wanted(block.country)):
                continue
            if block.is_set_aside:
                found.append((number, block.set_aside()))
            else:
                remarks += block.rows.remarks
        for line in self.loose:
            if not (line.country is None or self._is_wanted(line.country)):
                continue
            if self.partner_code is not None and line.block_count <= first_named and line.country is None:
                continue
            is_page = line.code != "fmtr-line-outside-table"
            params = {"detail": ""} if is_page else {"text": line.text}
            problem = Problem(line.code, self.volume, line.page, line.row, params=params)
            if not is_page and not LIKE_A_ROW.search(line.text):
                if line.block_count:  # before the tables, it is of a preface
                    remarks.append(problem)
                continue
            if self._is_whole(line) and line.block_count:
                remarks.append(problem)
                continue
            part = BlockSetAside(
                line.country or "", "", None, line.page, line.page, None, line.text, (problem,)
            )
            found.append((line.block_count, part))
        found.sort(key=lambda pair: (pair[1].page, pair[0]))
        return [part for _, part in found], remarks

    def _is_whole(self, line: LooseText) -> bool:
        """Whether the totals of the country that a line stands in are met without it."""
        if line.country is None:
            return False
        for item in self.sums:
            if item.program is None and item.agrees:
                first = next(at for at, block in enumerate(self.blocks) if block is item.blocks[0])
                if first < line.block_count <= first + len(item.blocks):
                    return True
        return False
