"""What is new, and what is said again."""

from mali_analysis import charts, editions


def test_news_comes_from_the_last_edition(chapter) -> None:
    news = editions.classify_news(chapter)
    found = news.set_index("statement")["news"]
    assert found["the coup"] == "new"
    assert found["a rise in number and lethality"] == "repeated"
    assert found["hundreds of attacks"] == "not known"
    assert "the coup" in editions.say_news(chapter, news, "new").text
    assert editions.say_repetition(chapter, news).value == news["earlier"].max()


def test_the_chart_tells_each_statement(chapter) -> None:
    text = charts.draw(editions.plot_editions(chapter, editions.compare_editions(chapter))).text
    assert "2019 does not say it" in text
