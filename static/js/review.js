// The review queue by keyboard: decisions are sent without leaving the page.

const cards = () => [...document.querySelectorAll("#cards .review-card")];
const said = document.getElementById("said");

function move(from, by) {
  const all = cards();
  all[all.indexOf(from) + by]?.focus();
}

async function decide(form, submitter) {
  const body = new FormData(form, submitter);
  form.inert = true;
  let answer;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "fetch" },
    });
  } catch {
    form.inert = false;
    said.textContent = "The site is not responding. Nothing was saved.";
    return;
  }
  const sentence =
    answer.headers.get("Content-Type")?.startsWith("text/plain") && !answer.redirected;
  said.textContent = sentence ? await answer.text() : "Nothing was saved. Please sign in again.";
  form.inert = false;
  if (!answer.ok || !sentence) {
    form.focus();
    return;
  }
  const all = cards();
  const next = all[all.indexOf(form) + 1] ?? all[all.indexOf(form) - 1];
  form.remove();
  if (next) next.focus();
  else location.reload();
}

document.getElementById("cards").addEventListener("submit", (event) => {
  event.preventDefault();
  decide(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".review-card");
  if (event.altKey || event.metaKey) return;
  if (event.target.matches?.("textarea")) {
    if (event.key === "Escape") card.focus();
    if (event.key === "Enter" && event.ctrlKey) {
      card.requestSubmit(card.querySelector("[value=edit], [value=write]"));
    }
    return;
  }
  if (event.ctrlKey || event.target.matches?.("input, select")) return;
  const decisions = { a: "approve", r: "reject" };
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
    event.preventDefault();
    if (card) move(card, event.key === "ArrowRight" ? 1 : -1);
    else cards()[0]?.focus();
  } else if (card && event.key === "e") {
    event.preventDefault();
    card.querySelector("textarea").focus();
  } else if (card && decisions[event.key]) {
    const button = card.querySelector(`[value=${decisions[event.key]}]`);
    if (button) card.requestSubmit(button);
  }
});

cards()[0]?.focus();
