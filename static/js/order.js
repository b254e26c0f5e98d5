// The works of a theme, put in order by dragging or by Alt with an arrow key; their numbers follow.

const places = () => [
  ...document.querySelectorAll("#places-group .inline-related:not(.empty-form)"),
];

function renumber() {
  places().forEach((place, number) => {
    place.querySelector("input[name$='-position']").value = number + 1;
  });
}

function move(place, by) {
  const all = places();
  const other = all[all.indexOf(place) + by];
  if (!other) return;
  if (by < 0) other.before(place);
  else other.after(place);
  renumber();
}

function begin() {
  let dragged = null;
  for (const place of places()) {
    place.draggable = Boolean(place.querySelector("input[name$='-position']"));
    place.addEventListener("dragstart", () => {
      dragged = place;
    });
    place.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      const all = places();
      const by = all.indexOf(place) - all.indexOf(dragged);
      if (by < 0) place.before(dragged);
      if (by > 0) place.after(dragged);
    });
    place.addEventListener("drop", (event) => event.preventDefault());
    place.addEventListener("dragend", () => {
      dragged = null;
      renumber();
    });
    place.addEventListener("keydown", (event) => {
      if (!event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      event.preventDefault();
      move(place, event.key === "ArrowLeft" ? -1 : 1);
      event.target.focus();
    });
  }
}

// Django puts this into the page's head.
document.addEventListener("DOMContentLoaded", begin);
