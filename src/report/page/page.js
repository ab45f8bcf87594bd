"use strict";
// Tables are sorted by a button in the head of each column. This script stands inside a page that is
// also read as XML, so that it has neither of the two signs that XML would take for its own.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = Array.from(table.tHead.rows[0].cells);
  const body = table.tBodies[0];

  const key = (row, at) => {
    const cell = row.cells[at];
    const number = cell.dataset.sort;
    return number === undefined ? cell.textContent.trim() : Number(number);
  };

  // Numbers by size and before words, words by their letters.
  const compare = (one, other) => {
    const numbers = [one, other].map((value) => typeof value === "number");
    if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
    return one > other ? 1 : other > one ? -1 : 0;
  };

  const sort = (at) => {
    const down = heads[at].getAttribute("aria-sort") === "ascending";
    const rows = Array.from(body.rows, (row) => ({ row, key: key(row, at) }));
    const words = rows.some((entry) => typeof entry.key === "number")
      ? rows.filter((entry) => typeof entry.key === "string")
      : [];
    // Where there are numbers, what is none stays at the end.
    const rest = rows.filter((entry) => !words.includes(entry));
    rest.sort((a, b) => (down ? compare(b.key, a.key) : compare(a.key, b.key)));
    body.append(...rest.concat(words).map((entry) => entry.row));
    for (const head of heads) head.removeAttribute("aria-sort");
    heads[at].setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(at));
    head.append(button);
  });
}
