// Times in the viewer's zone; one submission per form; a photo is sent as it is, then assessed.
"use strict";
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
}

const counter = { "X-CSRF-Token": document.body.dataset.counterToken };

async function post(path, body, key) {
  const answer = await fetch(path, { method: "POST", body, headers: { ...counter, "Idempotency-Key": key, "Content-Type": "application/octet-stream" } });
  const told = await answer.json();
  if (answer.ok) return told.id;
  throw new Error([...(told.red_flags || []), ...(told.reasons || []).map((reason) => reason.message)].join(" ") || told.detail);
}

async function send(form, button, said) {
  const file = form.querySelector("input[type=file]").files[0];
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  const key = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const photo = await post(form.dataset.upload, file, key);
  await post(`${form.dataset.upload}/${photo}/assessments`, "", key);
  location.reload();
}

for (const form of document.forms) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.disabled) return event.preventDefault();
    button.disabled = true;
    if (!form.dataset.upload) return undefined;
    event.preventDefault();
    const said = form.querySelector(".said");
    said.textContent = form.dataset.working;
    return send(form, button, said).catch((error) => {
      said.textContent = error instanceof TypeError ? form.dataset.lost : error.message;
      button.disabled = false;
    });
  });
}
addEventListener("pageshow", () => document.querySelectorAll("button").forEach((button) => { button.disabled = false; }));
