// Shows a preview beneath the form that it is of; without scripts it opens in a tab of its own.
for (const button of document.querySelectorAll("[data-preview]")) {
  const place = document.getElementById(button.dataset.preview);
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(button.formAction, {
        method: "POST",
        body: new FormData(button.form),
      });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const results = page.querySelector("[data-results]");
      place.replaceChildren(results ?? `There is no preview (status ${answer.status}).`);
    } catch {
      place.replaceChildren("The site is not responding. Please try again.");
    }
    place.removeAttribute("aria-busy");
  });
}
