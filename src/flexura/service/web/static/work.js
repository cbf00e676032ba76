// What takes its time is looked at again, at growing intervals, until it is done; the page then shows what came of it.
"use strict";
const MOST_PAUSE_MS = 5000;

const isBusy = () => findTouched().length || document.querySelector(".chosen li, [data-work]");

async function lookAgain(shown) {
  const answer = await fetch(shown.dataset.work);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("[data-work], [data-done], .waiting");
  if (answer.ok && next) shown.replaceWith(next);
  return answer.ok && next ? next : shown;
}

// A page in which something was typed or chosen stays as it is: what came then says where the answer is.
async function watchWork(shown) {
  for (let pause = 300; "work" in shown.dataset; pause = Math.min(1.5 * pause, MOST_PAUSE_MS)) {
    shown.querySelector("[data-look]")?.remove();
    await new Promise((done) => { setTimeout(done, pause); });
    if (!shown.isConnected) return;
    shown = await lookAgain(shown).catch((error) => {
      if (!(error instanceof TypeError)) throw error; // the connection was lost: it is tried again
      return shown;
    });
  }
  if ("done" in shown.dataset && !isBusy()) location.reload();
}

document.querySelectorAll("[data-work]").forEach(watchWork);
