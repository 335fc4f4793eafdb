"""Reports: every number with its interval, what is missing with its command, and nothing from elsewhere."""

import csv
import io
import re
from html.parser import HTMLParser

import pytest

from neuroclips.data.registry import load_dataset
from neuroclips.errors import InputError
from neuroclips.evaluation.conditions import CONDITIONS
from neuroclips.evaluation.published import PAPER_TABLE_2, PUBLISHED, direction, under
from neuroclips.evaluation.report.beside import published
from neuroclips.evaluation.report.differences import directions, table_2, verdict
from neuroclips.evaluation.report.html import page
from neuroclips.evaluation.report.latex import escaped, latex
from neuroclips.evaluation.report.markdown import markdown
from neuroclips.evaluation.report.pictures import NoFilms
from neuroclips.evaluation.report.retrieved import table_4
from neuroclips.evaluation.report.sections import SECTIONS
from neuroclips.evaluation.report.shape import GROUPS, Number, chance, group, in_order, number
from neuroclips.evaluation.report.stored import StoredFilms
from neuroclips.evaluation.report.table import Cell, Column, Row, Table
from neuroclips.evaluation.report.tables import table_1
from neuroclips.evaluation.report.write import tables, write
from neuroclips.metrics.protocols import PROTOCOLS
from neuroclips.metrics.registry import METRICS
from neuroclips.precomputed import FOLDER
from tests.evaluation.small_report import small_report

PRECOMPUTED = FOLDER / "subject1" / "023"


class Read(HTMLParser):
    """Tags that were opened, with their attributes; `wrong` where one closes another, or attributes lead away."""

    VOID = {"meta", "img", "br"}

    def __init__(self, text: str):
        super().__init__()
        self.found, self.open, self.wrong = [], [], []
        self.feed(text)
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open += [] if tag in self.VOID else [tag]

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            self.wrong.append(tag)


@pytest.fixture(scope="module")
def whole() -> str:
    """The page with pictures of shipped films."""
    return page(small_report(), StoredFilms(load_dataset()))


@pytest.fixture(scope="module")
def read(whole) -> Read:
    return Read(whole)


def test_the_page_is_well_formed_and_holds_everything(whole, read):
    assert not read.wrong
    assert not {"script", "link", "iframe"} & {tag for tag, _ in read.found}
    addresses = [attrs[name] for _, attrs in read.found for name in ("src", "href") if name in attrs]
    assert addresses and all(re.match(r"#\w+$|data:image/webp;base64,", address) for address in addresses)
    assert "url(" not in whole and "@import" not in whole
    assert len(whole.encode()) < 6e6


def test_every_picture_says_what_it_shows(read):
    pictures = [attrs for tag, attrs in read.found if tag == "img"]
    drawings = [attrs for tag, attrs in read.found if attrs.get("role") == "img"]
    assert len(pictures) > 20 and all(len(attrs["alt"]) > 10 for attrs in pictures)
    assert len(drawings) > 20 and all(len(attrs["aria-label"]) > 10 for attrs in drawings)


def test_links_of_the_page_lead_to_its_sections(read):
    there = {attrs["id"] for _, attrs in read.found if "id" in attrs}
    assert {attrs["href"][1:] for tag, attrs in read.found if tag == "a"} == {s.key for s in SECTIONS} == there


def test_everything_is_labelled(whole):
    captions = re.findall(r"<(?:figcaption|caption)>(.*?)</(?:figcaption|caption)>", whole)
    ours = [text for text in captions if "Published results" not in text and "What each protocol copies" not in text]
    assert len(ours) > 20 and all("simulated data, demo judges" in text for text in ours)


def test_what_is_missing_is_said_with_its_command():
    report = small_report()
    bare = {"schema": 1, "made": report["made"], "subjects": {"1": {"clips": [], "protocols": {}}}}
    text = page(bare, NoFilms())
    assert text.count('class="missing"') == len(SECTIONS) - 1  # published results are always there
    assert text.count("python -m neuroclips evaluate --subject all") == len(SECTIONS) - 1
    assert "--ablations" in text and "--controls" in text and "<svg" not in text and not tables(bare)


def test_a_report_of_one_subject_without_controls_is_whole():
    report = small_report()
    one = report["subjects"]["1"]
    for part in one["protocols"].values():
        part["conditions"] = {"full": part["conditions"]["full"], "flat": part["conditions"]["flat"]}
        part["differences"], part["share"] = {}, {}
    text = page({**report, "subjects": {"1": one}, "mean": {}}, NoFilms())
    assert not Read(text).wrong and "mean of subjects" not in text and "flat colour" in text


def test_numbers_that_are_none_are_not_drawn():
    report = small_report()
    for one in report["mean"]["protocols"].values():
        for told in one["conditions"].values():
            for score in told["metrics"].values():
                score["ci"] = ["NaN", "NaN"]
        one["conditions"]["flat"]["metrics"]["ssim"]["value"] = "NaN"
        one["conditions"]["oracle"]["metrics"]["ssim"]["value"] = "Infinity"
        one["conditions"]["full"]["metrics"]["ssim"] = {"value": "Infinity", "ci": [1.0, "Infinity"], "sd": "NaN"}
        one["conditions"]["full"]["metrics"]["clip_pcc"]["ci"] = [0.9, "Infinity"]
    text = page(report, NoFilms())
    assert "[no interval]" in text and not re.search(r'="(nan|-?inf)|nan', text)


def test_text_is_escaped(whole):
    report = small_report()
    report["made"]["command"] = "evaluate <script>alert('a & b')</script>"
    text = page(report, NoFilms())
    assert "<script" not in text and "&lt;script&gt;" in text and "0 of 1,200 &lt;test&gt; shots." in whole


def test_every_number_of_a_table_has_its_interval():
    for table in tables(small_report()):
        for row in table.rows:
            for cell in row.cells:
                assert cell.number is None or re.fullmatch(r"\[.*\d%?, .*\d%?\]", cell.second), (table.name, row.label)
    assert Number(0.5).interval() == "[no interval]"
    assert number({"value": 0.5, "ci": ["nan", "nan"]}).interval() == "[no interval]"
    assert number({"value": "nan", "ci": [0, 1]}) is None
    assert number({"value": "inf", "ci": [1, "inf"]}).interval(".1f") == "[1.0, inf]"


def test_table_1_has_every_row_of_the_paper_and_what_is_below():
    table = table_1(small_report(), "mind-video")
    assert [row.label for row in table.rows] == [
        *("subject 1", "subject 2", "mean of subjects", "zero fMRI (n = 100)", "flat colour", "shuffled clips"),
        *("oracle (n = 100)", "chance"),
    ]
    heads = [(column.head, column.label) for column in table.columns]
    assert heads[0] == (("Video-based", "Semantic"), "video 2-way ↑")
    assert heads[-1] == (("Frame-based", "Pixel"), "SSIM ↑")
    assert table.rows[-1].cells[0].text == "0.750"  # three true classes
    assert table_1(small_report(), "paper").rows[-1].cells[0].text == "0.500"


def test_table_2_says_whether_the_paper_s_directions_hold():
    report = small_report()
    rows = [row for row in table_2(report, "paper").rows if row.kind == "difference"]
    place = [column.label for column in table_2(report, "paper").columns].index
    told = rows[0].cells[place("frame 2-way ↑")]
    assert (told.first, told.second) == ("+0.090", "[+0.040, +0.140]")
    assert told.remarks == ("p < 0.001", "as in the paper")
    assert rows[0].cells[place("SSIM ↑")].remarks == ("p = 0.400", "undecided")
    assert rows[0].cells[place("video 2-way ↑")].remarks[1] == "reversed"
    counted = directions(report, "paper").rows[0].cells[0]
    assert (counted.first, counted.remarks) == ("paper +0.079", ("reversed: 2",))
    assert verdict(Number(0.1, 0.05, 0.2), None) == "" and verdict(Number(0.1), 0.2) == "undecided"


def test_the_paper_s_signs_are_those_of_its_table_2():
    assert direction("no-keyframe", "ssim") == -0.021 and direction("no-blurry", "ssim") == 0.136
    assert direction("no-keyframe", "frame_41_way") == 0.059  # in the place of its 50-way
    assert direction("no-keyframe", "motion_energy") is None and direction("zero", "ssim") is None
    assert set(PAPER_TABLE_2) == {name for name, told in CONDITIONS.items() if told.kind in ("ablation", "result")}


def test_table_4_has_chance_of_its_pools():
    table = table_4(small_report())
    assert table.caption.startswith("Top-1 retrieval in pools of 300")
    assert [row.cells[0].first for row in table.rows] == ["32.0%", "32.0%", "0.33%"]


def test_published_results_stand_under_their_own_protocol_only():
    known = {protocol for protocol in (row.protocol for row in PUBLISHED) if protocol}
    assert known <= set(PROTOCOLS)
    table = published(small_report(), "mind-video")
    assert "not comparable" in table.caption
    theirs = [row.label for row in table.rows if row.kind == "published"]
    assert len(theirs) == len(under("mind-video")) and not any("SemVideo" in label for label in theirs)
    (ours,) = [row for row in table.rows if row.kind == "result"]
    instead = [cell.remarks for cell in ours.cells if cell.remarks]
    assert instead == [("frame 41-way", "chance 0.070")] and ours.section.endswith("simulated data, demo judges")
    assert all(0 < value < 13 for row in PUBLISHED for value in row.scores.values())


def test_chance_is_that_of_the_protocol():
    assert chance("frame_2_way", "paper") == 0.5 and chance("frame_2_way", "neurons") == pytest.approx(0.75)
    assert chance("video_50_way", "mind-animator") == pytest.approx(3 / 52) and chance("ssim", "paper") is None
    assert chance("of another version", "paper") is None


def balanced(text: str) -> bool:
    """Whether braces and environments close in their order."""
    depth, open_ = 0, []
    for part in re.findall(r"\\begin\{\w+\}|\\end\{\w+\}|(?<!\\)[{}]", text.replace(r"\\", "")):
        if part.startswith("\\begin"):
            open_.append(part[7:-1])
        elif part.startswith("\\end"):
            if not open_ or open_.pop() != part[5:-1]:
                return False
        else:
            depth += 1 if part == "{" else -1
        if depth < 0:
            return False
    return depth == 0 and not open_


@pytest.mark.parametrize("table", tables(small_report()), ids=lambda table: table.name)
def test_latex_closes_what_it_opens(table):
    text = latex(table)
    assert balanced(text) and text.isascii()
    body = text.split(r"\toprule")[1].split(r"\bottomrule")[0]
    width = len(table.columns) + 1
    for line in body.splitlines():
        if not line.endswith((r" \\", r" \\\addlinespace")):
            continue
        spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d+)\}", line)]
        cells = len(re.findall(r"(?<!\\)&", line)) + 1
        assert cells - len(spans) + sum(spans) == width, line
    unescaped = re.sub(r"^%.*$|\{%$", "", text, flags=re.MULTILINE)
    assert not re.search(r"(?<!\\)[%#_]", unescaped.replace(r"\label{tab:", ""))


def test_marks_of_latex_and_markdown_are_escaped():
    assert escaped("50 % of a_b & {c} \\ ~^#$") == (
        r"50 \% of a\_b \& \{c\} \textbackslash{} \textasciitilde{}\textasciicircum{}\#\$"
    )
    one = Table("t", "a|b_c", "x", (Column("y"),), (Row("p|q", (Cell(text="<b>*"),)),))
    lines = markdown(one).splitlines()
    assert lines[0] == r"**a\|b\_c**" and lines[-1] == r"| p\|q | \<b>\* |"


@pytest.mark.parametrize("table", tables(small_report()), ids=lambda table: table.name)
def test_markdown_has_as_many_cells_in_every_row(table):
    rows = [line for line in markdown(table).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows} == {len(table.columns) + 2}
    assert len(rows) == 2 + len(table.rows) + sum(1 for title, _ in table.sections() if title)


def test_writing_gives_files_of_every_kind(tmp_path):
    paths = write(small_report(), tmp_path, NoFilms())
    names = {path.name for path in paths}
    assert {"report.html", "tables.md", "table1-paper.tex", "table2-mind-video.csv", "table4.tex"} <= names
    assert all(path.read_text(encoding="utf-8") for path in paths)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "table1-paper.csv").read_text(encoding="utf-8"))))
    first = rows[0]
    assert first["row"] == "subject 1" and float(first["Frame-based Pixel SSIM ↑"]) == 0.47
    assert float(first["Frame-based Pixel SSIM ↑ low"]) == pytest.approx(0.45)
    with pytest.raises(InputError, match="schema 7"):
        write({"schema": 7}, tmp_path, NoFilms())


def test_stored_films_are_what_ships_and_what_an_evaluation_keeps(tmp_path):
    films = StoredFilms(load_dataset())
    assert films.film(1, "full", 23).shape[1:] == films.film(1, "no-keyframe", 23).shape[1:] == (3, 128, 128)
    assert films.keyframe(1, "full", 23).shape == (3, 128, 128) and films.keyframe(1, "no-keyframe", 23) is None
    assert films.caption(1, "full", 23) and films.caption(1, "truth", 23) == load_dataset().caption(23)
    assert films.film(1, "zero", 23) is None and films.film(1, "no-keyframe", 0) is None
    assert films.training("seg1", 0).shape == (6, 3, 128, 128)
    own = StoredFilms(load_dataset(), tmp_path, ships=False, simulated=False)
    assert own.film(1, "full", 23) is None and own.caption(1, "full", 23) is None and own.training("seg1", 0) is None
    (tmp_path / "oracle").mkdir()
    (tmp_path / "oracle" / "023.mp4").write_bytes((PRECOMPUTED / "abg.mp4").read_bytes())
    assert own.film(2, "oracle", 23).equal(films.film(1, "full", 23))


def test_every_metric_of_the_registry_finds_its_column():
    assert {group(name) for name in METRICS} == set(GROUPS[:-1]) and group("another") == GROUPS[-1]
    ordered = [GROUPS.index(group(name)) for name in in_order(METRICS)]
    assert ordered == sorted(ordered)
