"""What cron and systemd are told: the line runs in a shell, the units pass systemd's own check."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mali_analysis.runs import schedules
from mali_analysis.runs.cli import main

ODD = Path("/srv/50% of $HOME/a b")


def invoke(*arguments: str):
    return CliRunner().invoke(main, ["schedule", *arguments])


def test_a_crontab_line_has_five_fields_and_a_command_a_shell_can_read() -> None:
    line = schedules.crontab_line(["03_cooperation", "-p", "as_of", "2020-08-01"], ODD, "06:05", "Mon")
    fields, command = line.split(" ", 5)[:5], line.split(" ", 5)[5]
    assert fields == ["5", "6", "*", "*", "1"]
    assert "\\%" in command and not re.search(r"(?<!\\)%", command)  # cron ends a command at a bare %
    words = shlex.split(command.replace("\\%", "%"))
    assert words[:3] == ["cd", str(ODD), "&&"]
    assert words[3:] == [
        sys.executable, "-P", "-m", "mali_analysis", "run", "--news", "03_cooperation", "-p", "as_of", "2020-08-01",
    ]  # fmt: skip


def test_the_day_is_every_day_by_default() -> None:
    assert schedules.crontab_line([], ODD, "23:59", None).startswith("59 23 * * * ")
    assert "OnCalendar=*-*-* 23:59:00" in schedules.systemd_units([], ODD, "23:59", None)["mali-analysis.timer"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here to check units with")
@pytest.mark.parametrize("arguments", [[], ["--output", "/srv/a b/50% $x", "-p", "actors", "[act-jnim]"]])
def test_the_units_pass_systemds_own_check(tmp_path: Path, arguments: list[str]) -> None:
    for name, content in schedules.systemd_units(arguments, tmp_path, "06:00", "Sun").items():
        (tmp_path / name).write_text(content)
    units = [str(tmp_path / f"mali-analysis.{kind}") for kind in ("service", "timer")]
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if "mali-analysis" in line]) == (0, [])


def test_a_run_that_would_be_refused_is_not_scheduled() -> None:
    for arguments, message in [
        (["--at", "25:00"], "value '25:00': allowed: a time of day"),
        (["--at", "6"], "value '6': allowed: a time of day"),
        (["03_cooperation", "-p", "actors", "x"], "parameter 'actors'"),
        (["03_cooperation", "-p", "as_of", "1999-01-01"], "value '1999-01-01': allowed: an ISO day"),
        (["--output", "a\nb"], "allowed: printable characters"),
        (["99_nothing"], "notebook '99_nothing'"),
    ]:
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert message in result.output
    assert invoke("--day", "Someday").exit_code == 2


def test_both_kinds_are_printed() -> None:
    assert "mali_analysis run" in invoke("03_cooperation", "-p", "as_of", "2020-08-01").output
    assert "OnCalendar=Mon" in invoke("--systemd", "--day", "Mon").output
