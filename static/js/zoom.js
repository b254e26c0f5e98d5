// Deep zoom in a window of its own. The viewer (OpenSeadragon) is loaded when it is first opened.
const template = document.querySelector(".zoom-template");
const tools = document.querySelector(".plate-tools");
const STEP = 1.6;
if (template && tools) offer(template.content.cloneNode(true), template.dataset);

function offer(parts, { viewer: script, picture }) {
  const button = parts.querySelector("[data-zoom]");
  const dialog = parts.querySelector("dialog");
  const place = dialog.querySelector(".zoom-view");
  const failed = dialog.querySelector(".zoom-failed");
  tools.prepend(button);
  document.body.append(dialog);
  let viewer = null;

  const open = async () => {
    dialog.showModal();
    if (viewer) return;
    try {
      await load(script);
      viewer = view(place, picture, () => (failed.hidden = false));
    } catch {
      failed.hidden = false;
    }
  };
  const acts = {
    in: () => viewer?.viewport.zoomBy(STEP).applyConstraints(),
    out: () => viewer?.viewport.zoomBy(1 / STEP).applyConstraints(),
    whole: () => viewer?.viewport.goHome(),
    close: () => dialog.close(),
  };
  for (const each of dialog.querySelectorAll("[data-do]"))
    each.addEventListener("click", acts[each.dataset.do]);
  button.addEventListener("click", open);
  const shown = document.querySelector(".plate-picture img");
  shown?.classList.add("is-zoomable");
  shown?.addEventListener("click", open);
}

function load(address) {
  if (globalThis.OpenSeadragon) return Promise.resolve();
  // Where it finds this, it adds no style of its own, which the page's policy would refuse. An
  // element of no known namespace styles nothing.
  const mark = document.createElementNS("urn:none", "style");
  mark.setAttribute("data-openseadragon-mobile-css", "true");
  document.head.append(mark);
  return new Promise((done, lost) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = done;
    script.onerror = lost;
    document.head.append(script);
  });
}

function view(element, picture, lost) {
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const viewer = OpenSeadragon({
    element,
    tileSources: picture,
    drawer: "canvas",
    showNavigationControl: false,
    maxZoomPixelRatio: 4,
    visibilityRatio: 0.6,
    animationTime: isCalm ? 0 : 0.6,
    gestureSettingsMouse: { dblClickToZoom: true, clickToZoom: false },
  });
  viewer.canvas.setAttribute("role", "application");
  viewer.canvas.setAttribute("aria-label", element.getAttribute("aria-label"));
  element.removeAttribute("aria-label");
  viewer.addHandler("open", () => viewer.canvas.focus());
  viewer.addHandler("open-failed", lost);
  // Its keys that turn and mirror the picture show a work as it is not.
  viewer.addHandler("canvas-key", (event) => {
    event.preventDefaultAction = /^[fr]$/i.test(event.originalEvent.key);
  });
  return viewer;
}
