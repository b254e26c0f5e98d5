// "/" goes to the search field; arrows go from work to work on a wall.
const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "/") {
    const field = document.querySelector("input[name=q][type=search]");
    field?.focus();
    field?.select();
    event.preventDefault();
    return;
  }
  const card = document.activeElement?.closest(".wall .card");
  const next = card && neighbour(card, event.key);
  if (next) {
    next.querySelector("h3 a").focus();
    event.preventDefault();
  }
});

function neighbour(card, key) {
  const cards = [...document.querySelectorAll(".wall .card")];
  const place = cards.indexOf(card);
  if (key === "ArrowRight") return cards[place + 1];
  if (key === "ArrowLeft") return cards[place - 1];
  if (key !== "ArrowDown" && key !== "ArrowUp") return null;
  // The work of the next row whose middle is nearest.
  const own = card.getBoundingClientRect();
  const ahead = cards
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => (key === "ArrowDown" ? box.top > own.top + 1 : box.top < own.top - 1));
  const row = Math[key === "ArrowDown" ? "min" : "max"](...ahead.map(([, box]) => box.top));
  const distance = (box) => Math.abs(box.left + box.width / 2 - own.left - own.width / 2);
  return ahead
    .filter(([, box]) => Math.abs(box.top - row) < 1)
    .sort(([, a], [, b]) => distance(a) - distance(b))[0]?.[0];
}
