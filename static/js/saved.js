// The set of saved works: ids in localStorage, shown by the server at /saved?works=1,2,3.
const KEY = "saved";
const MOST = 200;
const link = document.querySelector("[data-saved]");
const label = link?.textContent;

const read = () => {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(found) ? found.filter(Number.isSafeInteger) : [];
  } catch {
    return [];
  }
};

const write = (works) => {
  try {
    localStorage.setItem(KEY, JSON.stringify(works.slice(0, MOST)));
  } catch {
    // A browser that keeps nothing still shows what an address says.
  }
  refresh();
};

function refresh() {
  const works = read();
  link.textContent = works.length ? `${label} (${works.length})` : label;
  link.href = works.length ? `/saved?works=${works}` : "/saved";
  for (const button of document.querySelectorAll("button[data-toggle]")) {
    const isSaved = works.includes(Number(button.dataset.toggle));
    button.setAttribute("aria-pressed", String(isSaved));
    button.textContent = isSaved ? link.dataset.unsave : link.dataset.save;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-toggle]");
  if (!button) return;
  const work = Number(button.dataset.toggle);
  const works = read();
  write(works.includes(work) ? works.filter((each) => each !== work) : [...works, work]);
});

// A set that is this browser's own follows when its works are moved or taken out.
function follow(page) {
  const shown = page.dataset.set;
  const own = read();
  if (!shown && own.length && !location.search) return location.replace(`/saved?works=${own}`);
  if (shown === String(own)) {
    for (const move of document.querySelectorAll(".saved-set-moves a"))
      move.addEventListener("click", () => {
        const works = new URL(move.href).searchParams.get("works") ?? "";
        write(works.split(",").filter(Boolean).map(Number));
      });
    return null;
  }
  const keep = page.querySelector("[data-keep]");
  if (keep) {
    keep.hidden = false;
    keep.addEventListener("click", () => {
      write(shown.split(",").map(Number));
      location.reload();
    });
  }
  return null;
}

if (link) {
  refresh();
  addEventListener("storage", refresh);
  const page = document.querySelector("[data-set]");
  if (page) follow(page);
}
