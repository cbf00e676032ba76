// The end of a session: said before it comes. What was typed is then kept in this tab, and filled in again for its user.
"use strict";
const { user } = document.body.dataset; // undefined where nobody is signed in
const here = location.pathname + location.search;
const KEPT = "flexura-kept";
const KEPT_MS = 43_200_000; // as long as a session lasts at most
const WARNING_MS = 120_000;

const isToggle = ({ type }) => type === "checkbox" || type === "radio";

// What a person fills in. The page's own fields stay out, but for the key by which a form counts once, and the outline
// that was drawn; passwords and files always do.
function fieldsOf(form) {
  const own = ["key", "outline"];
  return [...form.elements].filter(({ name, type }) => name && !["password", "file", "submit"].includes(type) && (type !== "hidden" || own.includes(name)));
}

function isTouched(field) {
  if (field.type === "hidden") return field.name === "outline" && field.value !== "";
  if (isToggle(field)) return field.checked !== field.defaultChecked;
  if (!field.options) return field.value !== field.defaultValue;
  return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
}

const findTouched = () => [...document.querySelectorAll("main form[method=post]")].filter((form) => fieldsOf(form).some(isTouched));

function readKept() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  if (kept && Date.now() - kept.at < KEPT_MS && (!user || kept.user === user)) return kept;
  sessionStorage.removeItem(KEPT); // somebody else's, or long ago
  return null;
}

function writeKept(forms) {
  if (forms.length) sessionStorage.setItem(KEPT, JSON.stringify({ user, at: Date.now(), forms }));
  else sessionStorage.removeItem(KEPT);
}

// A form was sent: what is kept of it counts no more.
function forget(form) {
  const kept = user && readKept();
  if (kept) writeKept(kept.forms.filter(({ action }) => action !== form.getAttribute("action")));
}

function keepAndSignIn() {
  const typed = findTouched().map((form) => ({
    page: here,
    action: form.getAttribute("action"),
    fields: fieldsOf(form).map(({ name, value, checked }) => ({ name, value, checked })),
  }));
  writeKept([...(readKept()?.forms || []).filter(({ page }) => page !== here), ...typed]);
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

function fillIn(form, kept) {
  for (const field of fieldsOf(form)) {
    const { value, checked } = kept.find(({ name, value }) => name === field.name && (!isToggle(field) || value === field.value)) || field;
    if (isToggle(field)) field.checked = checked;
    else field.value = value;
  }
  const fold = form.closest("details");
  if (fold) fold.open = true;
  say(form, document.body.dataset.restored);
}

function restore() {
  const kept = readKept();
  if (!kept || !user) return;
  const forms = [...document.querySelectorAll("main form[method=post]")];
  const formOf = ({ page, action }) => (page === here ? forms.find((form) => form.getAttribute("action") === action) : undefined);
  const found = kept.forms.filter(formOf);
  for (const typed of found) fillIn(formOf(typed), typed.fields);
  writeKept(kept.forms.filter((typed) => !found.includes(typed)));
  if (found.length) formOf(found[0]).querySelector(".said").scrollIntoView({ block: "center" });
}

// Whether this page's user is signed in. If that happened anew, in another tab, the page goes on with that session's counter-token.
async function isSignedIn() {
  const answer = await fetch("/api/v1/session");
  if (!answer.ok) return false;
  const { user: other, csrf_token: token } = await answer.json();
  if (other !== user) return false;
  counter["X-CSRF-Token"] = token;
  for (const field of document.querySelectorAll("[name=counter_token]")) field.value = token;
  noteUse();
  return true;
}

let idleEnd = 0;
let endings = ""; // which is said
let before = null; // what had the focus before the warning's button
const ending = document.querySelector(".ending");
const last = Date.now() + 1000 * document.body.dataset.left; // whatever happens
const tabs = user ? new BroadcastChannel("flexura-session") : null;

// The server has seen this session just now, from this tab or another.
function noteUse(event) {
  if (!user || (event && event.data !== user)) return;
  idleEnd = Date.now() + 1000 * document.body.dataset.idle;
  if (!event) tabs.postMessage(user);
  watch();
}

function watch() {
  const end = Math.min(idleEnd, last);
  const beforeEnd = last < idleEnd ? "old" : "idle";
  const now = Date.now() >= end ? "over" : Date.now() >= end - WARNING_MS ? beforeEnd : "";
  if (now === endings) return;
  endings = now;
  sayEnding(new Date(end).toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }));
}

function sayEnding(time) {
  const { idle, old, over, ended, stay, enter } = ending.dataset;
  const words = document.createElement("span");
  words.textContent = { "": "", idle: `${idle} ${time}.`, old: `${old} ${time}.`, over: findTouched().length ? over : ended }[endings];
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: endings === "over" ? enter : stay });
  button.addEventListener("click", endings === "over" ? keepAndSignIn : stayIn);
  ending.replaceChildren(...(endings ? [words] : []), ...(endings === "idle" || endings === "over" ? [button] : []));
}

function stayIn() {
  isSignedIn().then((open) => {
    if (!open) idleEnd = 0;
    watch();
    (before || document.querySelector("main")).focus();
  }).catch((error) => {
    if (!(error instanceof TypeError)) throw error; // the connection was lost: the warning stays, to be tried again
  });
}

restore();
if (user) {
  tabs.addEventListener("message", noteUse);
  ending.addEventListener("focusin", ({ relatedTarget }) => { before = relatedTarget; });
  document.addEventListener("visibilitychange", watch); // timers stand while a computer sleeps
  setInterval(watch, 5000);
  noteUse();
} else {
  const told = document.querySelector("[data-kept]");
  if (told && readKept()) {
    told.textContent = told.dataset.kept;
    told.hidden = false;
  }
}
