import pytest
from click.testing import CliRunner

from mali_analysis.parameters import ParameterError, check_parameters
from mali_analysis.runs import plans
from mali_analysis.runs.cli import main
from mali_analysis.runs.declared import Parameter, is_of_type, read_parameters, read_value
from mali_analysis.runs.plans import Job, list_notebooks


def refuse(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["run", *arguments])
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.output


def test_unknown_parameter_names_the_declared() -> None:
    assert "'no_such_parameter': allowed for 01_incidents: actors, chapter_id, end" in refuse(
        "01_incidents", "-p", "no_such_parameter", "1"
    )


def test_impossible_day() -> None:
    assert "start: value '2020-13-45': allowed: an ISO day" in refuse("01_incidents", "-p", "start", "2020-13-45")


def test_period_that_ends_before_it_starts() -> None:
    given = ["-p", "start", "2020-06-01", "-p", "end", "2020-05-01"]
    assert "end: value '2020-05-01': allowed: a day no earlier than start, 2020-06-01" in refuse("01_incidents", *given)


@pytest.mark.parametrize(
    ("name", "allowed"), [("actors", "act-jnim"), ("places", "plc-mopti"), ("event_types", "siege")]
)
def test_unknown_code_names_the_allowed(name: str, allowed: str) -> None:
    output = refuse("01_incidents", "-p", name, "martians")
    assert "'martians'" in output
    assert allowed in output


def test_unknown_notebook_and_report() -> None:
    assert "'09_weather': allowed: 00_brief" in refuse("09_weather")
    assert "'chad-2020': allowed: mali-2020" in refuse("01_incidents", "-p", "chapter_id", "chad-2020")


def test_a_list_is_read_both_ways() -> None:
    parameter = Parameter("actors", "list[str]", [], "")
    assert read_value("[a, b]", parameter) == read_value("a,b", parameter) == ["a", "b"]


def test_every_parameter_has_a_type_and_a_meaning() -> None:
    for path in plans.list_notebooks().values():
        for parameter in read_parameters(path).values():
            assert parameter.type in {"str", "str | None", "list[str]"}
            assert len(parameter.meaning) > 10


def test_check_lists_every_fault(chapter) -> None:
    with pytest.raises(ParameterError) as caught:
        check_parameters(chapter, start="x", actors=["y"], places="z")
    assert len(str(caught.value).splitlines()) == 3


def test_a_plan_multiplies_out_and_takes_dates(tmp_path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "- notebook: 03_cooperation\n  sweep: {as_of: [2020-08-01, 2020-12-31], partners: [[], [act-au]]}\n"
    )
    jobs = plans.plan_jobs([], [], plan)
    assert [job.name for job in jobs] == [
        "03_cooperation--as_of=2020-08-01",
        "03_cooperation--as_of=2020-08-01--partners=act-au",
        "03_cooperation--as_of=2020-12-31",
        "03_cooperation--as_of=2020-12-31--partners=act-au",
    ]


@pytest.mark.parametrize(
    "text", ["x: 1", "- notebook: nope", "- {notebook: 00_brief, sweep: {chapter_id: a}}", "[", ""]
)
def test_a_plan_that_is_none_is_refused(tmp_path, text: str) -> None:
    (tmp_path / "plan.yaml").write_text(text)
    assert "allowed:" in refuse("--plan", str(tmp_path / "plan.yaml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "a list of entries"),
        ("- notebook: 00_brief\n  sweep: [1]", "sweep: [1]: allowed: names and their values"),
        ("- notebook: 00_brief\n  parameters: [x]", "parameters: ['x']: allowed: names and their values"),
        ("- notebook: [a]", "allowed: notebook of 00_brief"),
        ("- notebook: 03_cooperation\n  sweep: {as_of: []}", "sweep as_of: []: allowed: a list of values"),
        ("- notebook: 03_cooperation\n  parameters: {as_of: 5}", "value 5: allowed: a value of type str"),
    ],
)
def test_a_plan_that_is_none_is_refused_in_one_line(tmp_path, text: str, words: str) -> None:
    (tmp_path / "plan.yaml").write_text(text)
    result = CliRunner().invoke(main, ["run", "--plan", str(tmp_path / "plan.yaml"), "--output", str(tmp_path / "o")])
    assert result.exit_code == 2 and words in result.output and "Traceback" not in result.output
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize("chapter_id", ["reference", "..", "", "chad-2020"])
def test_a_report_that_is_none_is_refused(chapter_id: str) -> None:
    result = CliRunner().invoke(main, ["run", "00_brief", "-p", "chapter_id", chapter_id])
    assert result.exit_code == 2 and f"{chapter_id!r}: allowed: mali-2020" in result.output


def test_a_long_name_fits_a_file_name() -> None:
    job = Job(list_notebooks()["01_incidents"], {}, {"actors": [f"act-{n}" for n in range(80)]})
    other = Job(list_notebooks()["01_incidents"], {}, {"actors": [f"act-{n}" for n in range(81)]})
    assert len(job.name) < 160 and job.name != other.name


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        ("str | None", "None", None),
        ("str | None", "2020-01-01", "2020-01-01"),
        ("str", "None", "None"),
        ("int | None", "", None),
        ("int | None", "3", 3),
        ("float", "1", 1.0),
        ("float | None", "1.5", 1.5),
        ("bool", "true", True),
        ("list[str]", "[a, b]", ["a", "b"]),
    ],
)
def test_a_value_is_read_by_the_declared_type(type_: str, text: str, value: object) -> None:
    parameter = Parameter("p", type_, None, "")
    found = read_value(text, parameter)
    assert found == value and type(found) is type(value)
    assert is_of_type(found, parameter)


@pytest.mark.parametrize(
    ("type_", "value"),
    [("int", True), ("int", 1.0), ("float", "1"), ("str", None), ("int | None", "x"), ("list[str]", [1]), ("bool", 1)],
)
def test_a_value_of_another_type_is_told(type_: str, value: object) -> None:
    assert not is_of_type(value, Parameter("p", type_, None, ""))
    declared = {"p": Parameter("p", type_, None, "")}
    with pytest.raises(ParameterError, match="parameter p: value .*: allowed: a value of type"):
        plans.plan_job(list_notebooks()["00_brief"], declared, {"p": value if not isinstance(value, str) else [value]})


def test_days_may_be_left_to_the_chapter(chapter) -> None:
    check_parameters(chapter, start=None, end="2020-03-01")
    with pytest.raises(ParameterError, match="allowed: an ISO day"):
        check_parameters(chapter, start="None")
