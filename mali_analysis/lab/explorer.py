"""The chapter to be looked through in JupyterLab: choose, read the words, see what others say, carry away."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd
import traitlets
from IPython.display import Javascript, display

from mali_analysis import charts, citing, others, records
from mali_analysis.chapter import Chapter
from mali_analysis.errors import MaliError
from mali_analysis.headlines import short
from mali_analysis.lab import handing_on
from mali_analysis.parameters import CHOICES, ParameterError

SHOWN = 40
"""Records shown at once; more are told and carried away, but not shown."""
ANY = "any"
LABELS = {
    "kind": "Subject", "section": "Section", "party": "Party", "place": "Place", "level": "Level", "status": "Status",
    "verdict": "Verdict",
}  # fmt: skip
OWN_KEYS = (
    "const own = () => element.closest('.mali-explorer')?.querySelectorAll('select, button, input, textarea')"
    ".forEach(one => one.setAttribute('data-lm-suppress-shortcuts', 'true'));"
    " [0, 200, 1000].forEach(wait => setTimeout(own, wait))"
)
"""So that arrows and letters move within a menu and are no commands of JupyterLab's."""
FORMATS = {"CSV": ".csv", "Excel": ".xlsx", "GeoJSON": ".geojson", "Chart (SVG)": ".svg", "Chart (PNG)": ".png"}


class Explorer(widgets.VBox):
    """Controls that choose records of a chapter; what was chosen stands below as a plain output that stays.

    Its state is in plain traits, empty where nothing is asked: ``kind``, ``section``, ``party``, ``place``, ``start``,
    ``end`` (ISO days), ``level``, ``status``, ``verdict``. ``copied`` is what was last made to be copied, ``told`` the
    last message.
    """

    kind = traitlets.Unicode()
    section = traitlets.Unicode()
    party = traitlets.Unicode()
    place = traitlets.Unicode()
    start = traitlets.Unicode()
    end = traitlets.Unicode()
    level = traitlets.Unicode()
    status = traitlets.Unicode()
    verdict = traitlets.Unicode()
    copied = traitlets.Unicode()
    told = traitlets.Unicode()

    def __init__(self, chapter: Chapter, **chosen: str) -> None:
        self.chapter = chapter
        self._outputs: dict[str, Any] = {}
        self._menus = {name: self._make_menu(name) for name in LABELS}
        self._days = {name: self._make_day(name) for name in handing_on.DAYS}
        self._copy = widgets.Textarea(description="To copy", disabled=False, rows=3, layout={"width": "95%"})
        self._message = widgets.HTML(layout={"min_height": "2em"})
        self._script = widgets.Output()
        self._script.append_display_data(Javascript(OWN_KEYS))
        self._form = widgets.Dropdown(options=list(FORMATS), description="As")
        super().__init__(children=self._arrange())
        self.add_class("mali-explorer")
        for name, menu in self._menus.items():
            traitlets.link((self, name), (menu, "value"))
        for name, box in self._days.items():
            traitlets.link((self, name), (box, "value"))
        traitlets.link((self, "copied"), (self._copy, "value"))
        self.observe(self._tell, "told")
        self.observe(self._refresh, [*LABELS, *handing_on.DAYS])
        for name, value in chosen.items():
            if name not in self.choice:
                raise ParameterError(f"parameter {name!r}: allowed: {', '.join(self.choice)}")
            setattr(self, name, self._find_code(name, value))

    def _find_code(self, name: str, value: str) -> str:
        """The code for a value given as a code or as the menu has it. Raises ParameterError for any other."""
        if not value or name not in LABELS:
            return value
        called = {code: {code.lower(), word.lower(), short(word).lower()} for word, code in self._menus[name].options}
        found = [code for code, names in called.items() if value.lower() in names]
        if not found:
            allowed = ", ".join(code for code in called if code)
            raise ParameterError(f"parameter {name}: value {value!r}: allowed: {allowed}")
        return found[0]

    @property
    def choice(self) -> dict[str, str]:
        """What is chosen, by the name of each trait; empty where nothing is asked."""
        return {name: getattr(self, name) for name in [*LABELS, *handing_on.DAYS]}

    @property
    def records(self) -> pd.DataFrame:
        """The records that meet the choice; see ``records.select_records``."""
        return records.select_records(self.chapter, **handing_on.select_arguments(self.choice))

    def copy_citation(self) -> str:
        """The citation of the words of every chosen record, a line each."""
        chosen = self.records["record_id"].head(SHOWN)
        return self._hand_out("\n".join(citing.cite_record(self.chapter, i, "chicago") for i in chosen))

    def copy_code(self) -> str:
        """The line of Python that selects the same records."""
        return self._hand_out(handing_on.as_code(self.chapter, self.choice))

    def copy_command(self) -> str:
        """The command that runs the notebook nearest to the choice."""
        return self._hand_out(handing_on.as_command(self.chapter, self.choice), self._tell_left())

    def copy_plan_entry(self) -> str:
        """The same run as an entry of a plan."""
        return self._hand_out(handing_on.as_plan_entry(self.chapter, self.choice), self._tell_left())

    def post_job(self) -> str:
        """Sends the run to Notebook Jobs; returns the job's id."""
        job = handing_on.post_job(self.chapter, self.choice)
        self.told = f"Sent to Notebook Jobs.{self._tell_left()}"
        return job

    def export(self, form: str | None = None, folder: str | Path = ".") -> Path:
        """Writes the chosen records, or their chart, to a file in the folder; ``form`` is one of ``FORMATS``."""
        name = "-".join([self.chapter.chapter_id, *(value for value in self.choice.values() if value)])
        endings = {called.lower(): ending for told, ending in FORMATS.items() for called in (told, ending, ending[1:])}
        ending = endings.get((form or self._form.value).lower())
        if ending is None:
            raise ParameterError(f"form {form!r}: allowed: {', '.join(FORMATS)}")
        path = Path(folder) / f"{name[:100]}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".svg", ".png"):
            charts.save_chart(records.plot_records(self.chapter, self.records), path)
        else:
            records.export_records(self.chapter, self.records, path)
        self.told = f"Written: {path.name}"
        return path

    def _make_menu(self, name: str) -> widgets.Dropdown:
        options = sorted(((self._word(name, code), code) for code in CHOICES[handing_on.LISTS[name]](self.chapter)),
                         key=lambda pair: pair[0].lower())  # fmt: skip
        if name in ("kind", "section", "level"):  # these have an order of their own
            options = [(self._word(name, code), code) for code in CHOICES[handing_on.LISTS[name]](self.chapter)]
        return widgets.Dropdown(options=[(ANY, ""), *options], value="", description=LABELS[name])

    def _word(self, name: str, code: str) -> str:
        if name == "kind":
            return records.list_kinds(self.chapter)[code]
        if name == "section":
            return self.chapter.section_titles[code]
        if name in ("party", "place"):
            return self.chapter.names([code], "actors" if name == "party" else "places")[0]
        table, column = {"level": ("findings", "level"), "status": ("status_spells", "status"),
                         "verdict": ("claims", "verdict")}[name]  # fmt: skip
        return self.chapter.codes(table, column)[code].word

    def _make_day(self, name: str) -> widgets.Text:
        day = self.chapter.opens if name == "start" else self.chapter.closes
        label = "From" if name == "start" else "To"
        return widgets.Text(description=label, placeholder=str(day), continuous_update=False)

    def _arrange(self) -> list[widgets.Widget]:
        makers = {
            "Copy citation": self.copy_citation, "Copy as code": self.copy_code, "As command": self.copy_command,
            "As plan entry": self.copy_plan_entry, "As job": self.post_job, "Export": self.export,
        }  # fmt: skip
        buttons = [self._make_button(label, make) for label, make in makers.items()]
        clear = self._make_button("Clear", self._clear)
        wrap = {"flex_flow": "row wrap"}
        return [
            widgets.HBox([*self._menus.values(), *self._days.values(), clear], layout=wrap),
            widgets.HBox([*buttons, self._form], layout=wrap),
            self._copy,
            self._message,
            self._script,
        ]

    def _make_button(self, label: str, make: Any) -> widgets.Button:
        button = widgets.Button(description=label, tooltip=label)
        button.on_click(lambda _: self._try(make))
        return button

    def _try(self, make: Any) -> None:
        try:
            make()
        except MaliError as error:
            self.told = str(error)

    def _clear(self) -> None:
        names = [*LABELS, *handing_on.DAYS]
        self.unobserve(self._refresh, names)  # what follows is shown once, not once for each menu
        for name in names:
            setattr(self, name, "")
        self.observe(self._refresh, names)
        self._refresh()

    def _tell_left(self) -> str:
        left = handing_on.find_run(self.chapter, self.choice).left_out
        return f" Not a parameter of that notebook: {', '.join(left)}." if left else ""

    def _hand_out(self, text: str, more: str = "") -> str:
        """A text to copy: in the box, and in the clipboard where the browser lets us."""
        self.copied = text
        self.told = f"Copied, or to be copied from the box.{more}"
        with self._script:
            self._script.clear_output()
            display(
                Javascript(
                    f"navigator.clipboard && navigator.clipboard.writeText({_as_script(text)}).catch(() => {{}})"
                )
            )
        return text

    def _tell(self, _: Any) -> None:
        self._message.value = f'<span role="status">{escape(self.told)}</span>'

    def _refresh(self, _: Any = None) -> None:
        try:
            shown = self._show()
            self.told = ""
        except MaliError as error:
            self.told = str(error)
            return
        for name, handle in self._outputs.items():
            handle.update(shown[name])

    def _show(self) -> dict[str, Any]:
        """What stands below the controls: how many records, their words, what others report, and a chart."""
        chosen = self.records
        first = chosen.head(SHOWN)
        caption = "Records, each with its words"
        if len(chosen) > len(first):
            caption += f" (the first {SHOWN} of {len(chosen)}; choose more narrowly to see the others)"
        claims = records.select_claims(self.chapter, first)
        advice = others.advise(self.chapter, others.compare_claims(self.chapter))
        about = others.about(advice, list(first["record_id"])) if len(claims) else advice.iloc[:0]
        return {
            "count": records.say_records(self.chapter, chosen),
            "words": records.show_words(self.chapter, first, caption),
            "others": others.tabulate_questions(self.chapter, about, "What others report"),
            "chart": charts.draw(records.plot_records(self.chapter, first)),
        }

    def _ipython_display_(self, **_: Any) -> None:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        text = "Controls to choose other records stand here in JupyterLab."
        display({"application/vnd.jupyter.widget-view+json": view, "text/plain": text}, raw=True)
        self._outputs = {name: display(shown, display_id=True) for name, shown in self._show().items()}


def _as_script(text: str) -> str:
    return json.dumps(text).replace("</", "<\\/")
