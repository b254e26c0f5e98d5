// The next page joins this one when its end comes into sight; its link stays for all other cases.
const AHEAD = "800px";
const works = document.querySelector(".results-works");
const tally = document.querySelector(".results-tally");

const watcher = new IntersectionObserver(
  ([entry]) => {
    if (entry.isIntersecting) load();
  },
  { rootMargin: AHEAD },
);

function watch() {
  const next = works?.querySelector(".pagination [rel=next]");
  if (next) watcher.observe(next);
}

async function load() {
  const pages = works.querySelector(".pagination");
  watcher.disconnect();
  try {
    const response = await fetch(pages.querySelector("[rel=next]").href);
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const section of page.querySelectorAll(".results-works > .results-level"))
      join(section, pages);
    const following = page.querySelector(".results-works .pagination");
    following?.querySelector("[rel=prev]")?.remove();
    if (following?.children.length) pages.replaceWith(following);
    else pages.remove();
    if (tally) tally.textContent = page.querySelector(".results-tally")?.textContent ?? "";
    watch();
  } catch {
    // The link is still there.
  }
}

function join(section, pages) {
  const last = [...works.querySelectorAll(".results-level")].at(-1);
  const heading = section.querySelector("h2");
  if (last?.querySelector("h2").textContent === heading.textContent) {
    last.querySelector(".wall").append(...section.querySelectorAll(".card"));
    return;
  }
  heading.id = `level-${works.querySelectorAll(".results-level").length + 1}`;
  section.setAttribute("aria-labelledby", heading.id);
  pages.before(section);
}

watch();
