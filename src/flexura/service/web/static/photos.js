// Photos on their way in: chosen, taken or dropped; each judged by the server, then stored and assessed one by one.
"use strict";
for (const form of document.querySelectorAll("form[data-photos]")) {
  const told = form.dataset;
  const [said, list, button] = [".said", ".chosen", "button"].map((part) => form.querySelector(part));
  let chosen = []; // of each its file, its row, and whether it is good enough: null until that is known
  let judging = Promise.resolve();

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

  async function post(path, body, key) {
    const answer = await fetch(path, { method: "POST", body, headers: { ...counter, "Idempotency-Key": key, "Content-Type": "application/octet-stream" } });
    const { id, red_flags = [], reasons = [], detail } = await answer.json();
    if (answer.ok) {
      noteUse();
      return id;
    }
    throw new Error([...red_flags, ...reasons.map((reason) => reason.message)].join(" ") || detail);
  }

  async function send({ file }) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    const key = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const stored = await post(told.photos, file, key);
    await post(`${told.photos}/${stored}/assessments`, "", key);
  }

  async function sendAll() {
    await judging;
    if (!(await isSignedIn())) throw new Error(told.over);
    for (const photo of chosen.filter((each) => each.fit === null)) await judge(photo);
    if (chosen.some((photo) => photo.fit === null)) throw new TypeError();
    const fit = chosen.filter((photo) => photo.fit);
    if (!fit.length) throw new Error(told.none);
    said.textContent = told.working;
    for (const photo of fit) {
      await send(photo);
      drop(photo);
    }
    location.reload();
  }

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
    button.disabled = true;
    sendAll().catch((error) => {
      said.textContent = error instanceof TypeError ? told.lost : error.message;
    }).finally(() => { button.disabled = false; });
  });
}
