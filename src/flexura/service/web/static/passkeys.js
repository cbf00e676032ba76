// Passkeys: the browser asks an authenticator, and the form then goes its usual way with what that answered.
"use strict";
const able = Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON && PublicKeyCredential.prototype.toJSON);

// A form that knows a password asks for a passkey that is there; any other for a new one.
async function askAuthenticator(form) {
  const { name, password } = form.elements;
  const body = password ? JSON.stringify({ name: name.value, password: password.value }) : null;
  const headers = { ...counter, "Content-Type": "application/json" };
  const asked = await fetch(form.dataset.asks, { method: "POST", body, headers });
  if (!asked.ok) return say(form, form.dataset.refused);
  const { options } = await asked.json();
  const credential = password
    ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  return JSON.stringify(credential);
}

for (const form of able ? document.querySelectorAll("form[data-asks]") : []) {
  const [button, field] = ["[data-ask]", "[data-answer]"].map((part) => form.querySelector(part));
  form.querySelector("[data-unable]")?.remove();
  button.hidden = button.disabled = false;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (!form.reportValidity()) return;
    button.disabled = true;
    askAuthenticator(form).catch((error) => {
      if (error instanceof TypeError) return say(form, document.body.dataset.lost);
      if (error instanceof DOMException) return say(form, form.dataset.cancelled);
      throw error;
    }).then((answer) => {
      button.disabled = false;
      if (!answer) return;
      field.value = answer;
      form.requestSubmit();
      field.value = ""; // it counts once
    });
  });
}
