"use strict";
(() => {
  const most = 60, pause = 250;
  const [form, input, told, results, index] = ["form", "#words", "#told", "#results", "#index"].map(
    (name) => document.querySelector(name));
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const split = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) || [];
  const entries = [...index.querySelectorAll("li")].map(
    (item) => ({ item, words: split(item.querySelector("a").textContent) }));
  let due;

  // A whole word counts most, then the beginning of one, then a part; more words found go before all else.
  function rank(words, wanted) {
    let score = 0;
    for (const one of wanted) {
      const best = Math.max(0, ...words.map(
        (word) => word === one ? 3 : word.startsWith(one) ? 2 : one.length > 2 && word.includes(one) ? 1 : 0));
      score += best && 10 + best;
    }
    return score;
  }

  function search() {
    const wanted = [...new Set(split(input.value))];
    const found = entries.map(({ item, words }) => ({ item, score: rank(words, wanted) }))
      .filter(({ score }) => score).sort((a, b) => b.score - a.score);
    results.replaceChildren(...found.slice(0, most).map(({ item }) => item.cloneNode(true)));
    results.hidden = !found.length;
    index.hidden = wanted.length > 0;
    const count = found.length === 1 ? "1 result" : `${found.length || "No"} results`;
    const shown = found.length > most ? `${count}, the first ${most} shown` : count;
    clearTimeout(due);
    due = setTimeout(() => {
      told.textContent = wanted.length ? `${shown}.` : "";
      const asked = wanted.length ? `#${new URLSearchParams({ words: input.value })}` : "#";
      if (wanted.length || location.hash) history.replaceState(null, "", asked);
    }, pause);
  }

  input.addEventListener("input", search);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = results.querySelector("a");
    if (first) first.focus();
  });
  form.hidden = false;
  // What was searched for stands in the address, so that the way back from a result leads to the results.
  input.value = new URLSearchParams(location.hash.slice(1)).get("words") || "";
  addEventListener("pageshow", search);
  input.focus();
})();
