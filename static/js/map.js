// The map of the collection on a canvas. Points are written as pixels into one buffer, so that
// 131,000 of them cost a few milliseconds; pictures appear on them where there is room.
const GROUND = [14, 15, 16];
const DIM = 0.3;
const LARGEST = 14; // pixels of one point
const STEP = 1.5; // of a key, a button or a notch of the wheel
const PAN = 90; // pixels of an arrow key
const MOST = 400; // times larger than the whole
const LONGEST = 2.2; // of a map that is stretched to fill a wide or a high screen; 1 is a square
const REACH = 14; // pixels from a pointer to the point that it means
const QUIET = 150; // milliseconds at rest before pictures are asked for
const BATCH = 100;

const element = document.querySelector(".map");
if (element) start(element);

async function start(element) {
  try {
    const response = await fetch(element.dataset.points);
    if (response.ok) show(element, read(await response.arrayBuffer()));
  } catch {
    // The picture that the server drew is still there.
  }
}

// The file as search/collection_map/storage.py writes it; the order of works is mixed, so that the first of
// them in a part of the map is any of them.
function read(buffer) {
  const number = new Uint32Array(buffer, 0, 1)[0];
  const ids = new Float64Array(buffer, 8, number);
  const places = new Uint16Array(buffer, 8 + 8 * number, 2 * number);
  const colours = new Uint8Array(buffer, 8 + 12 * number, 3 * number);
  const x = new Float32Array(number);
  const y = new Float32Array(number);
  const bright = new Uint32Array(number);
  const dim = new Uint32Array(number);
  for (let i = 0; i < number; i++) {
    x[i] = places[2 * i] / 65535;
    y[i] = places[2 * i + 1] / 65535;
    const rgb = [0, 1, 2].map((c) => colours[3 * i + c]);
    bright[i] = pixel(rgb);
    dim[i] = pixel(rgb.map((value, c) => DIM * value + (1 - DIM) * GROUND[c]));
  }
  return { number, ids, x, y, bright, dim };
}

function pixel([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function show(element, points) {
  const data = element.dataset;
  const canvas = document.createElement("canvas");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", data.label);
  element.querySelector(".map-drawing").replaceWith(canvas);
  element.append(element.querySelector("template").content.cloneNode(true));
  const card = element.querySelector(".map-card");
  const pen = canvas.getContext("2d", { alpha: false });
  const labels = [...document.querySelectorAll(".map-regions [data-x]")].map((each) => ({
    x: each.dataset.x / 1000,
    y: each.dataset.y / 1000,
    name: each.querySelector("a").textContent,
  }));
  const lit = new Set(data.lit.split(",").filter(Boolean).map(Number));
  const lights = [...points.ids.keys()].filter((i) => lit.has(points.ids[i]));
  const works = cards(data.works, () => redraw());
  const view = { x: 0.5, y: 0.5, scale: 1 };
  let [width, height, ratio, whole] = [0, 0, 1, 1];
  // Directions and distances across islands mean nothing, so the map takes the screen's own shape.
  let stretch = { x: 1, y: 1 };
  let [image, buffer, chosen, pending, timer] = [null, null, -1, 0, 0];
  let cells = [NaN, []]; // the level that works were chosen for, and those works

  function redraw() {
    pending ||= requestAnimationFrame(draw);
  }

  function resize() {
    ratio = Math.min(devicePixelRatio, 2);
    width = Math.max(Math.round(canvas.clientWidth * ratio), 1);
    height = Math.max(Math.round(canvas.clientHeight * ratio), 1);
    canvas.width = width;
    canvas.height = height;
    image = pen.createImageData(width, height);
    buffer = new Uint32Array(image.data.buffer);
    const least = Math.min(width, height);
    whole = 0.94 * least;
    stretch = { x: Math.min(width / least, LONGEST), y: Math.min(height / least, LONGEST) };
    cells = [NaN, []];
    view.scale = Math.min(Math.max(view.scale, whole), whole * MOST);
    redraw();
  }

  function fit([left, top, side]) {
    view.x = left + side / 2;
    view.y = top + side / 2;
    view.scale = whole / side;
  }

  const toX = (x) => (x - view.x) * view.scale * stretch.x + width / 2;
  const toY = (y) => (y - view.y) * view.scale * stretch.y + height / 2;
  const across = (i) => toX(points.x[i]);
  const down = (i) => toY(points.y[i]);

  function draw() {
    pending = 0;
    buffer.fill(pixel(GROUND));
    const spacing = view.scale / Math.sqrt(points.number);
    const size = Math.min(Math.max(Math.round(0.35 * spacing), 1), LARGEST * ratio);
    const colours = lights.length ? points.dim : points.bright;
    for (let i = 0; i < points.number; i++) {
      const x = Math.floor(across(i) - size / 2);
      const y = Math.floor(down(i) - size / 2);
      if (x < 0 || y < 0 || x + size > width || y + size > height) continue;
      for (let row = y * width + x, end = row + size * width; row < end; row += width)
        buffer.fill(colours[i], row, row + size);
    }
    pen.putImageData(image, 0, 0);
    for (const i of lights) ring(i, Math.max(size, 5 * ratio), "#ffd666", true);
    drawPictures();
    drawLabels();
    if (chosen >= 0) ring(chosen, Math.max(size, 9 * ratio), "#fff", false);
    if (document.activeElement === canvas) drawCross();
  }

  function ring(i, radius, colour, isFilled) {
    pen.beginPath();
    pen.arc(across(i), down(i), radius, 0, 2 * Math.PI);
    pen.lineWidth = 2 * ratio;
    pen.fillStyle = colour;
    pen.strokeStyle = isFilled ? "#0e0f10" : colour;
    if (isFilled) pen.fill();
    pen.stroke();
  }

  // One work for each cell of a grid that belongs to the map, so that none changes while it moves.
  let drawn = [];
  function drawPictures() {
    const level = Math.max(Math.floor(Math.log2(view.scale / whole)), 0);
    const side = Math.min(36 + 8 * level, 88) * ratio;
    const cell = (2.1 * side * 2 ** -level) / whole;
    const wanted = chosenPerCell(level, cell);
    drawn = [];
    const missing = [];
    for (const i of wanted) {
      const [x, y] = [across(i), down(i)];
      if (x < -side || y < -side || x > width + side || y > height + side) continue;
      const work = works.get(points.ids[i]);
      if (work === undefined) missing.push(points.ids[i]);
      if (!work?.image?.complete || !work.image.naturalWidth) continue;
      const shrunk = side / Math.max(work.image.naturalWidth, work.image.naturalHeight);
      const [w, h] = [work.image.naturalWidth * shrunk, work.image.naturalHeight * shrunk];
      pen.fillStyle = lights.length ? "#ffd666" : "#0e0f10";
      pen.fillRect(x - w / 2 - 2, y - h / 2 - 2, w + 4, h + 4);
      pen.drawImage(work.image, x - w / 2, y - h / 2, w, h);
      drawn.push([i, x, y, w, h]);
    }
    clearTimeout(timer);
    if (missing.length) timer = setTimeout(() => works.ask(missing), QUIET);
  }

  function chosenPerCell(level, cell) {
    if (cells[0] === level) return cells[1];
    const first = new Map();
    for (const i of lights.length ? lights : points.ids.keys()) {
      const key =
        Math.floor((points.x[i] * stretch.x) / cell) * 65536 +
        Math.floor((points.y[i] * stretch.y) / cell);
      if (!first.has(key)) first.set(key, i);
    }
    cells = [level, [...first.values()]];
    return cells[1];
  }

  function drawLabels() {
    pen.font = `600 ${13 * ratio}px ${getComputedStyle(canvas).fontFamily}`;
    pen.textAlign = "center";
    pen.lineJoin = "round";
    pen.lineWidth = 4 * ratio;
    pen.strokeStyle = "#0e0f10";
    pen.fillStyle = "#fff";
    for (const { x, y, name } of labels) {
      pen.strokeText(name, toX(x), toY(y));
      pen.fillText(name, toX(x), toY(y));
    }
  }

  function drawCross() {
    pen.strokeStyle = "#fff";
    pen.lineWidth = ratio;
    pen.strokeRect(width / 2 - 6 * ratio, height / 2 - 6 * ratio, 12 * ratio, 12 * ratio);
  }

  // `x` and `y` are pixels of the canvas; what lies there stays there.
  function zoom(factor, x = width / 2, y = height / 2) {
    const scale = Math.min(Math.max(view.scale * factor, 0.6 * whole), whole * MOST);
    view.x += ((x - width / 2) * (1 / view.scale - 1 / scale)) / stretch.x;
    view.y += ((y - height / 2) * (1 / view.scale - 1 / scale)) / stretch.y;
    view.scale = scale;
    move(0, 0);
  }

  function move(x, y) {
    view.x = Math.min(Math.max(view.x - x / view.scale / stretch.x, 0), 1);
    view.y = Math.min(Math.max(view.y - y / view.scale / stretch.y, 0), 1);
    redraw();
  }

  function nearest(x, y, reach) {
    const hit = drawn.findLast(
      ([, cx, cy, w, h]) => Math.abs(x - cx) <= w / 2 && Math.abs(y - cy) <= h / 2,
    );
    if (hit) return hit[0];
    let [best, least] = [-1, reach ** 2];
    for (let i = 0; i < points.number; i++) {
      const away = (across(i) - x) ** 2 + (down(i) - y) ** 2;
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  async function choose(i) {
    chosen = i;
    card.replaceChildren();
    redraw();
    if (i < 0) return;
    await works.ask([points.ids[i]]);
    const work = works.get(points.ids[i]);
    if (chosen !== i || !work) return;
    const link = document.createElement("a");
    link.href = work.address;
    const title = document.createElement("strong");
    title.textContent = work.title;
    if (work.image) {
      const picture = work.image.cloneNode();
      picture.alt = "";
      link.append(picture);
    }
    link.append(title);
    if (work.maker) link.append(document.createElement("br"), work.maker);
    card.append(link);
  }

  const acts = {
    in: () => zoom(STEP),
    out: () => zoom(1 / STEP),
    whole: () => {
      fit([0, 0, 1]);
      redraw();
    },
  };
  for (const each of element.querySelectorAll("[data-do]"))
    each.addEventListener("click", acts[each.dataset.do]);

  canvas.addEventListener("keydown", (event) => {
    const moves = {
      ArrowLeft: () => move(PAN * ratio, 0),
      ArrowRight: () => move(-PAN * ratio, 0),
      ArrowUp: () => move(0, PAN * ratio),
      ArrowDown: () => move(0, -PAN * ratio),
      "+": acts.in,
      "=": acts.in,
      "-": acts.out,
      0: acts.whole,
      Enter: () => choose(nearest(width / 2, height / 2, Infinity)),
      Escape: () => choose(-1),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
    moves[event.key]();
    event.preventDefault();
  });
  canvas.addEventListener("focus", redraw);
  canvas.addEventListener("blur", redraw);
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 300), event.offsetX * ratio, event.offsetY * ratio);
    },
    { passive: false },
  );

  // One pointer moves the map, two enlarge it; one that was not moved chooses a work.
  const held = new Map();
  let travelled = 0;
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, [event.offsetX, event.offsetY]);
    if (held.size === 1) travelled = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = held.get(event.pointerId);
    if (!before) return;
    const now = [event.offsetX, event.offsetY];
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    travelled += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) {
      const apart = (one) => Math.max(Math.hypot(one[0] - other[0], one[1] - other[1]), 1);
      zoom(
        apart(now) / apart(before),
        ((now[0] + other[0]) / 2) * ratio,
        ((now[1] + other[1]) / 2) * ratio,
      );
    } else move((now[0] - before[0]) * ratio, (now[1] - before[1]) * ratio);
    held.set(event.pointerId, now);
  });
  const release = (event) => {
    if (!held.delete(event.pointerId) || event.type === "pointercancel") return;
    if (travelled < 4 && !held.size)
      choose(nearest(event.offsetX * ratio, event.offsetY * ratio, REACH * ratio));
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);

  resize();
  fit(data.box.split(",").map((each) => each / 1000));
  new ResizeObserver(resize).observe(canvas);
}

// What the server says of works, each asked for once; null is one that may not be seen.
function cards(address, changed) {
  const known = new Map();
  const coming = new Map();
  async function ask(ids) {
    const fresh = ids.filter((id) => !known.has(id) && !coming.has(id)).slice(0, BATCH);
    const answer = fresh.length ? bring(fresh) : null;
    for (const id of fresh) coming.set(id, answer);
    await Promise.all(ids.map((id) => coming.get(id)));
  }
  async function bring(ids) {
    try {
      const response = await fetch(`${address}?works=${ids}`);
      const works = response.ok ? (await response.json()).works : [];
      for (const id of ids) known.set(id, null);
      for (const work of works) {
        if (work.picture) {
          work.image = new Image();
          work.image.onload = changed;
          work.image.src = work.picture;
        }
        known.set(work.id, work);
      }
    } catch {
      // Whoever asks for them again asks the server again.
    }
    for (const id of ids) coming.delete(id);
    changed();
  }
  return { get: (id) => known.get(id), ask };
}
