// Buttons that copy the text of an element, or the address of the page where they name none.
for (const button of document.querySelectorAll("button[data-copy]")) {
  // Browsers lend the clipboard to secure pages alone.
  if (!navigator.clipboard) button.hidden = true;
  button.addEventListener("click", async () => {
    const named = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(
      named ? named.textContent.replace(/\s+/g, " ").trim() : location.href,
    );
    button.textContent = button.dataset.copied;
  });
}
