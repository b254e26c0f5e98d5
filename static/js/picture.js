// A picture dropped on the page or pasted into it is sent like one that was chosen in the form.
const file = document.querySelector("#image");

function send(transfer) {
  const picture = [...(transfer?.files ?? [])].find((each) => each.type.startsWith("image/"));
  if (!picture) return false;
  const chosen = new DataTransfer();
  chosen.items.add(picture);
  file.files = chosen.files;
  file.form.requestSubmit();
  return true;
}

if (file) {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (send(event.dataTransfer)) event.preventDefault();
  });
  document.addEventListener("paste", (event) => {
    if (send(event.clipboardData)) event.preventDefault();
  });
}
