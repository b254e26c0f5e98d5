// Suggestions while typing: a list under the search field (the ARIA combobox pattern).
const WAIT = 120;
const input = document.querySelector("input[data-suggest]");
if (input) suggest(input);

function suggest(input) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  list.hidden = true;
  input.form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": list.id,
    "aria-autocomplete": "list",
  }))
    input.setAttribute(name, value);

  let chosen = -1;
  let timer = 0;
  let asked = null;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const search = (text) => {
    input.value = text;
    close();
    input.form.requestSubmit();
  };

  const show = (suggestions) => {
    list.replaceChildren(
      ...suggestions.map(({ text, kind, works }, place) => {
        const option = document.createElement("li");
        option.id = `suggestion-${place}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.text = text;
        option.append(text);
        if (works) {
          const count = document.createElement("span");
          count.className = "suggestions-count";
          count.textContent = works;
          option.append(" ", count);
        }
        return option;
      }),
    );
    chosen = -1;
    list.hidden = !suggestions.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  };

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const typed = input.value.trim();
    if (typed.length < 2) return close();
    try {
      const address = `${input.dataset.suggest}?limit=8&q=${encodeURIComponent(typed)}`;
      const response = await fetch(address, { signal: asked.signal });
      if (response.ok && document.activeElement === input)
        show((await response.json()).suggestions);
    } catch {
      // Suggestions are a help: without them the search works as before.
    }
  };

  const choose = (place) => {
    const options = [...list.children];
    chosen = (place + options.length + 1) % (options.length + 1);
    if (chosen === options.length) chosen = -1;
    options.forEach((option, each) =>
      option.setAttribute("aria-selected", String(each === chosen)),
    );
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[chosen].id);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? list.children.length - 1 : chosen - 1);
    else if (event.key === "Enter" && chosen >= 0) search(list.children[chosen].dataset.text);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // Before the field loses the focus, and the list with it.
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[role=option]");
    event.preventDefault();
    if (option) search(option.dataset.text);
  });
  input.addEventListener("blur", close);
  input.form.addEventListener("submit", close);
}
