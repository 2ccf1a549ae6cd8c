"""What is new, what is said again, and what is gone."""

from dataclasses import replace

import pytest

from mali_analysis import editions


def test_news_comes_from_the_last_edition(chapter, invented) -> None:
    news = editions.classify_news(chapter)
    found = news.set_index("statement")["news"]
    assert found["the coup"] == "new"
    assert found["the rise in number and lethality of terrorist activities"] == "repeated"
    assert found["hundreds of attacks"] == "not known"
    for kind in ("new", "repeated", "reworded", "not known"):
        assert editions.say_news(chapter, news, kind).value == (news["news"] == kind).sum()
    assert editions.say_news(invented, editions.classify_news(invented), "new").text.endswith("nothing.")


def test_what_is_gone_is_told_of_the_last_edition_alone(chapter, invented) -> None:
    table = chapter.dropped
    gone = table[(table["edition"] == table["edition"].max()) & (table["kind"] == "dropped")]
    said = editions.say_dropped(chapter, "dropped")
    assert said.value == len(gone) and all(statement in said.text for statement in gone["statement"]) and said.sources
    assert editions.say_dropped(invented, "dropped").value == 0


def test_one_statement_that_is_gone_is_enough(chapter) -> None:
    [row] = chapter.dropped[chapter.dropped["kind"] == "dropped"].head(1).itertuples()
    alone = chapter.dropped[chapter.dropped["record_id"] == row.record_id]
    said = editions.say_dropped(replace(chapter, reference=chapter.reference | {"dropped": alone}), "dropped")
    assert f"the {row.edition} edition" in said.text and said.text.endswith(f": {row.statement}.") and said.value == 1


def test_the_comparison_says_how_far_it_goes(chapter, invented) -> None:
    said = editions.say_limits(chapter, editions.classify_news(chapter))
    assert "“Overview”" in said.text and "as far as the earlier editions could be read" in said.text
    assert editions.say_limits(invented, editions.classify_news(invented)).value == 0


def test_the_table_lists_the_editions_that_say_the_same(chapter) -> None:
    news = editions.classify_news(chapter)
    shown = editions.tabulate_editions(chapter, news, "E").frame
    assert list(shown["said in the editions of"]) == [", ".join(map(str, y)) or "–" for y in news["earlier"]]


@pytest.mark.parametrize(("compared", "gone", "values"), [(0, 0, 1), (1, 0, 2), (0, 1, 2), (1, 1, 2)])
def test_nothing_on_file_is_said_once(chapter, compared: int, gone: int, values: int) -> None:
    news, dropped = editions.classify_news(chapter), chapter.dropped
    altered = replace(chapter, reference=chapter.reference | {"dropped": dropped.head(len(dropped) * gone)})
    said = editions.say_comparison(altered, news.head(len(news) * compared), ["new", "dropped"])
    assert len(said) == values and ("No earlier edition" in said[0].text) == (not compared and not gone)


def test_only_what_is_new_is_told_with_how_far_it_could_be_compared(chapter) -> None:
    news = editions.classify_news(chapter)
    kinds = ("new", "repeated", "reworded", "not known")
    told = {kind: "as far as “" in editions.say_news(chapter, news, kind).text for kind in kinds}
    assert told == dict.fromkeys(kinds, False) | {"new": True}
