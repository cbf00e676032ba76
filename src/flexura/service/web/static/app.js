// Times in the viewer's zone; forms are sent so that what was typed stays until the server has it.
"use strict";
function localise(part) {
  for (const time of part.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  }
}

const counter = { "X-CSRF-Token": document.body.dataset.counterToken };

// A form that did not get through is left as it was, says so, and is sent again; session.js knows what to do once nobody is
// signed in any more.
async function sendForm(form) {
  const post = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Requested-With": "fetch" } });
  const leaves = form.getAttribute("action") === "/sign-out";
  if (leaves) sessionStorage.clear();
  const shown = counter["X-CSRF-Token"];
  let answer = await post();
  if (user && answer.status === 403 && await isSignedIn() && counter["X-CSRF-Token"] !== shown) answer = await post();
  const next = answer.headers.get("Location") || (answer.redirected && answer.url);
  if (user && next === "/sign-in" && !leaves) return keepAndSignIn();
  noteUse();
  if (answer.ok) forget(form);
  if (next) return location.assign(next);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const refusal = page.querySelector("main [role=alert]");
  if (!answer.ok && refusal) return say(form, refusal);
  localise(page);
  document.querySelector("main").replaceWith(page.querySelector("main"));
  return scrollTo(0, 0);
}

function say(form, ...words) {
  let said = form.querySelector(".said");
  if (!said) {
    said = Object.assign(document.createElement("div"), { className: "said" });
    said.setAttribute("role", "alert");
    form.append(said);
  }
  said.replaceChildren(...words);
}

// The secret of a set-up stands behind the # of its link, which is sent to no server; nor does it stay in the address.
const linked = document.querySelector("[data-from-link]");
if (linked && location.hash.startsWith("#fl_")) {
  linked.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "photos" in form.dataset) return;
  event.preventDefault();
  const button = form.querySelector("button:not([type])");
  if (button.disabled) return;
  button.disabled = true;
  sendForm(form).catch((error) => {
    if (!(error instanceof TypeError)) throw error;
    say(form, document.body.dataset.lost);
  }).finally(() => { button.disabled = false; });
});
localise(document);
