// Times in the viewer's zone; one submission per form.
"use strict";
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

const counter = { "X-CSRF-Token": document.body.dataset.counterToken };

for (const form of document.querySelectorAll("form:not([data-photos])")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.disabled) return event.preventDefault();
    button.disabled = true;
    return undefined;
  });
}
addEventListener("pageshow", () => document.querySelectorAll("button").forEach((button) => { button.disabled = false; }));
