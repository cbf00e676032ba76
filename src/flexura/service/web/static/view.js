// Layers over a photo: which are shown, how strongly, and how near one looks; printing.
"use strict";
for (const view of document.querySelectorAll("[data-view]")) {
  const layers = [...view.querySelectorAll("[data-layer]")];
  view.querySelector(".tools").hidden = false;
  view.addEventListener("input", ({ target }) => {
    if (target.dataset.shows) layers.find((layer) => layer.dataset.layer === target.dataset.shows).hidden = !target.checked;
    if ("opacity" in target.dataset) layers.forEach((layer) => { layer.style.opacity = target.value / 100; });
    if ("zoom" in target.dataset) view.querySelector(".stack").style.width = `${target.value}%`;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
