import pytest

from mali_analysis.passages import split_chapter

TEXT = (
    "Overview:\u00a0 First in the U.S. today.\u00a0 Second!\n\n"
    "2020 Terrorist Incidents:\u00a0 These:\n\n  • One.\u00a0 Two.\n  • Three.\n\nOn This Page\n\nU.S. Department\n"
)


def test_passages_are_named_by_section_block_and_sentence() -> None:
    sentences = split_chapter(TEXT).query("kind == 'sentence'")
    assert list(sentences["passage"]) == [
        "overview.p1.s1", "overview.p1.s2", "incidents.p1.s1", "incidents.b1.s1", "incidents.b1.s2", "incidents.b2.s1",
    ]  # fmt: skip
    assert list(sentences["text"])[:2] == ["First in the U.S. today.", "Second!"]


def test_nothing_but_space_and_bullets_lies_between_passages() -> None:
    rest = list(TEXT)
    for row in split_chapter(TEXT).itertuples():
        assert TEXT[row.start : row.end] == row.text
        rest[row.start : row.end] = " " * (row.end - row.start)
    assert set("".join(rest)) <= set("\u00a0 \n•")


def test_furniture_is_apart() -> None:
    furniture = split_chapter(TEXT).query("kind == 'furniture'")
    assert list(furniture["text"]) == ["On This Page", "U.S. Department"]


def test_text_without_a_heading_is_refused() -> None:
    with pytest.raises(ValueError, match="Some text.*allowed: a heading"):
        split_chapter("Some text.\n")


def test_the_chapter_has_44_sentences_in_six_sections(chapter) -> None:
    sentences = chapter.passages.query("kind == 'sentence'")
    assert len(sentences) == 44
    assert sentences["section"].nunique() == 6
    assert (chapter.passages["kind"] == "furniture").sum() == 3
