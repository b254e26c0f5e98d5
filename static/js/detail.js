// A box drawn on the picture: the search for works like that detail. Keys do all that a pointer does.
const sheet = document.querySelector(".plate-picture[data-work]");
const tools = document.querySelector(".plate-tools");
const STEP = 0.02;
const LEAST = 0.05;
if (sheet && tools) offer();

function offer() {
  const words = tools.dataset;
  const box = { x: 0.3, y: 0.3, w: 0.4, h: 0.4 };
  const frame = document.createElement("div");
  frame.className = "detail-box";
  frame.tabIndex = 0;
  frame.hidden = true;
  frame.setAttribute("role", "application");
  frame.setAttribute("aria-label", words.box);
  sheet.append(frame);

  const button = (text) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button";
    made.textContent = text;
    tools.append(made);
    return made;
  };
  const toggle = button(words.detail);
  const go = button(words.search);
  go.hidden = true;

  const place = () => {
    box.w = Math.min(Math.max(box.w, LEAST), 1);
    box.h = Math.min(Math.max(box.h, LEAST), 1);
    box.x = Math.min(Math.max(box.x, 0), 1 - box.w);
    box.y = Math.min(Math.max(box.y, 0), 1 - box.h);
    frame.style.left = `${100 * box.x}%`;
    frame.style.top = `${100 * box.y}%`;
    frame.style.width = `${100 * box.w}%`;
    frame.style.height = `${100 * box.h}%`;
  };
  const open = (isOpen) => {
    frame.hidden = go.hidden = !isOpen;
    sheet.classList.toggle("is-open", isOpen);
    toggle.textContent = isOpen ? words.cancel : words.detail;
    if (isOpen) {
      place();
      frame.focus();
    } else toggle.focus();
  };
  const search = () => {
    const sides = [box.x, box.y, box.w, box.h].map((side) => Number(side.toFixed(3)));
    location.href = `${words.address}?like=${sheet.dataset.work}&box=${sides}`;
  };

  toggle.addEventListener("click", () => open(frame.hidden));
  go.addEventListener("click", search);
  frame.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (event.key === "Enter") search();
    else if (event.key === "Escape") open(false);
    else if (moves[event.key]) {
      const [across, down] = moves[event.key];
      box[event.shiftKey ? "w" : "x"] += across * STEP;
      box[event.shiftKey ? "h" : "y"] += down * STEP;
      place();
    } else return;
    event.preventDefault();
  });

  let start = null;
  const at = (event) => {
    const edge = sheet.getBoundingClientRect();
    const inside = (value) => Math.min(Math.max(value, 0), 1);
    return [
      inside((event.clientX - edge.left) / edge.width),
      inside((event.clientY - edge.top) / edge.height),
    ];
  };
  sheet.addEventListener("pointerdown", (event) => {
    if (frame.hidden) return;
    start = at(event);
    sheet.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  sheet.addEventListener("pointermove", (event) => {
    if (!start) return;
    const end = at(event);
    box.x = Math.min(start[0], end[0]);
    box.y = Math.min(start[1], end[1]);
    box.w = Math.abs(start[0] - end[0]);
    box.h = Math.abs(start[1] - end[1]);
    place();
  });
  for (const ended of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(ended, () => {
      start = null;
    });
  }
}
