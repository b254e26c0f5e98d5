// Grades by keys: each is saved at once. Without scripts the grid is a form with radio buttons.

const grid = document.getElementById("grid");
const said = document.getElementById("said");
const cards = grid ? [...grid.querySelectorAll(".grade-card")] : [];

function move(card, by) {
  cards[cards.indexOf(card) + by]?.focus();
}

async function save(radio) {
  const body = new FormData();
  body.set(radio.name, radio.value);
  body.set("csrfmiddlewaretoken", grid.elements.csrfmiddlewaretoken.value);
  try {
    const answer = await fetch(location.href, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
    });
    const isSaved = answer.ok && !answer.redirected;
    said.textContent = isSaved
      ? ""
      : "The last grade was not saved. Sign in again, then press Save.";
  } catch {
    said.textContent = "The site is not responding. Press Save when it is back.";
  }
  document.getElementById("graded").textContent = grid.querySelectorAll("input:checked").length;
}

grid?.addEventListener("change", (event) => save(event.target));

grid?.addEventListener("keydown", (event) => {
  const card = event.target.closest(".grade-card");
  if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
  const radio = card.querySelector(`input[value="${CSS.escape(event.key)}"]`);
  if (radio) {
    event.preventDefault();
    radio.checked = true;
    save(radio);
    move(card, 1);
  } else if (event.target === card && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    event.preventDefault();
    move(card, event.key === "ArrowRight" ? 1 : -1);
  }
});

(cards.find((card) => !card.querySelector("input:checked")) ?? cards[0])?.focus();
