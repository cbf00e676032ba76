// Photos on their way in: chosen, taken or dropped; each judged by the server, then sent and stored one by one. Their
// answers come as work.js has it.
"use strict";
for (const form of document.querySelectorAll("form[data-photos]")) {
  const told = form.dataset;
  const parts = [".said", ".chosen", "button:not([type])", "[data-stop]", "progress"];
  const [said, list, button, stop, progress] = parts.map((part) => form.querySelector(part));
  const waits = document.querySelector(".waits");
  let chosen = []; // of each its file, its row, and whether it is good enough: null until that is known
  let judging = Promise.resolve();
  let sending = null; // the photo on its way
  let stopped = false;

  async function judge(photo) {
    photo.verdict.textContent = told.checking;
    try {
      const answer = await fetch(told.check, { method: "POST", body: photo.file, headers: { ...counter, "Content-Type": "application/octet-stream" } });
      const shown = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".judged, [role=alert]");
      photo.fit = answer.ok && shown !== null ? shown.classList.contains("fit") : null;
      photo.verdict.replaceChildren(shown || told.unchecked);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      photo.verdict.textContent = told.unchecked;
    }
  }

  function drop(photo) {
    chosen = chosen.filter((other) => other !== photo);
    photo.row.remove();
    list.hidden = !chosen.length;
  }

  function add(files) {
    for (const file of files) {
      const photo = { file, fit: null, row: document.createElement("li"), verdict: document.createElement("div") };
      const [name, remove] = [document.createElement("span"), document.createElement("button")];
      name.textContent = file.name;
      Object.assign(remove, { type: "button", className: "quiet", textContent: told.remove });
      remove.setAttribute("aria-label", `${told.remove}: ${file.name}`);
      remove.addEventListener("click", () => { drop(photo); form.querySelector("input[type=file]").focus(); });
      photo.row.append(photo.verdict, name, remove);
      list.append(photo.row);
      chosen.push(photo);
      judging = judging.then(() => judge(photo));
    }
    list.hidden = !chosen.length;
    said.textContent = "";
  }

  // The browser tells only this way how much of a file is sent.
  function post(file, key) {
    sending = new XMLHttpRequest();
    return new Promise((answered, failed) => {
      sending.upload.addEventListener("progress", ({ loaded, total }) => { progress.value = total ? loaded / total : 0; });
      sending.addEventListener("load", () => answered(sending));
      for (const lost of ["error", "timeout"]) sending.addEventListener(lost, () => failed(new TypeError()));
      sending.addEventListener("abort", () => failed(new Error(told.stopped)));
      sending.open("POST", form.action);
      for (const [name, value] of Object.entries({ ...counter, "Idempotency-Key": key, "Content-Type": "application/octet-stream" })) sending.setRequestHeader(name, value);
      sending.send(file);
    });
  }

  async function send({ file }) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const key = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const answer = await post(file, key);
    const shown = new DOMParser().parseFromString(answer.responseText, "text/html").querySelector("li.waiting, main [role=alert]");
    if (answer.status !== 200 || !shown) throw new Error(shown ? shown.textContent : told.lost);
    noteUse();
    waits.closest("section").hidden = false;
    document.getElementById(shown.id)?.remove();
    waits.append(shown);
    return shown;
  }

  async function sendAll() {
    await judging;
    if (!(await isSignedIn())) throw new Error(told.over);
    for (const photo of chosen.filter((each) => each.fit === null)) await judge(photo);
    if (chosen.some((photo) => photo.fit === null)) throw new TypeError();
    const fit = chosen.filter((photo) => photo.fit);
    if (!fit.length) throw new Error(told.none);
    said.textContent = told.sending;
    progress.hidden = stop.hidden = false;
    for (const photo of fit) {
      if (stopped) throw new Error(told.stopped);
      const shown = await send(photo);
      drop(photo);
      watchWork(shown);
    }
    said.textContent = "";
    for (const photo of chosen.filter((each) => each.fit === false)) drop(photo); // it was said that they stay behind
  }

  stop.addEventListener("click", () => {
    stopped = true;
    sending?.abort();
  });
  form.querySelector(".drop").hidden = false;
  form.addEventListener("change", ({ target }) => {
    add(target.files);
    target.value = "";
  });
  form.addEventListener("dragover", (event) => event.preventDefault());
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    stopped = false;
    sendAll().catch((error) => {
      said.textContent = error instanceof TypeError ? told.lost : error.message;
    }).finally(() => {
      button.disabled = false;
      progress.hidden = stop.hidden = true;
      progress.value = 0;
    });
  });
}
