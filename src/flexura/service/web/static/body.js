// The form of a new case. The figure beside the list of sites: whichever is used, the other shows the same; each view is a
// radio group. "None of these" and the words above it take one another's tick away.
"use strict";
document.addEventListener("change", ({ target }) => {
  const boxes = target.type === "checkbox" ? target.closest(".words")?.querySelectorAll("input") : null;
  if (!boxes || !target.checked) return;
  for (const box of boxes) if (box !== target && ("none" in box.dataset || "none" in target.dataset)) box.checked = false;
});
for (const map of document.querySelectorAll("[data-body]")) {
  const [site, side] = ["site", "side"].map((name) => document.getElementById(name));
  const views = [...map.querySelectorAll("[role=radiogroup]")].map((view) => [...view.querySelectorAll("[role=radio]")]);

  function show() {
    for (const regions of views) {
      const chosen = regions.find(({ dataset }) => dataset.site === site.value && (!dataset.side || dataset.side === side.value));
      for (const region of regions) {
        region.setAttribute("aria-checked", region === chosen);
        region.setAttribute("tabindex", region === (chosen || regions[0]) ? 0 : -1);
      }
    }
  }

  function choose(region) {
    [site.value, side.value] = [region.dataset.site, region.dataset.side];
    show();
    region.focus();
  }

  map.addEventListener("click", ({ target }) => {
    if (target.matches("[role=radio]")) choose(target);
  });
  map.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, " ": 0, Enter: 0 }[event.key];
    const regions = views.find((view) => view.includes(event.target));
    if (!regions || step === undefined) return;
    event.preventDefault();
    choose(regions[(regions.indexOf(event.target) + step + regions.length) % regions.length]);
  });
  [site, side].forEach((list) => list.addEventListener("change", show));
  map.hidden = false;
  show();
}
