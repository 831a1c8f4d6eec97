"use strict";
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const stages = one(".stages"), wipe = one("#wipe");
const chosen = (name) => one(`input[name="${name}"]:checked`);

function show() {
  const step = chosen("step"), view = chosen("view").value;
  const hasRange = step.dataset.light !== undefined;
  for (const input of all('input[name="outlook"]')) input.disabled = !hasRange && input.value !== "likely";
  if (!hasRange) one('input[name="outlook"][value="likely"]').checked = true;
  const shot = step.dataset[chosen("outlook").value];
  for (const stage of all(".stage")) {
    stage.hidden = stage.dataset.view !== view;
    for (const picture of all("img.after", stage)) picture.hidden = picture.dataset.shot !== shot;
    one("svg", stage)?.toggleAttribute("hidden", !one("#line").checked);
    // From behind there is no line to show.
    if (!stage.hidden) one("#line").parentElement.hidden = !one("svg", stage);
  }
  one(".tag.right").textContent = step.dataset.label;
  one("#told").textContent = step.dataset.tip;
}

function move() {
  stages.style.setProperty("--wipe", `${wipe.value}%`);
  for (const stage of all(".stage")) stage.style.setProperty("--wipe", `${wipe.value}%`);
  wipe.setAttribute("aria-valuetext", `${wipe.value} percent before`);
}

one("#viewer").addEventListener("change", show);
wipe.addEventListener("input", move);
one("#theme").addEventListener("click", () => {
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
});
for (const part of all(".needs-script")) part.hidden = false;
move();
show();
