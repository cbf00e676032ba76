// Draw the outline of affected skin on a canvas of at most 512 pixels a side, however large the photo is.
// The field takes WIDTHxHEIGHT:RUNS (clinical/outlines.py) only where something was drawn.
"use strict";
const form = document.querySelector("[data-brush]");
const canvas = form.querySelector("canvas");
const field = form.querySelector("[name=outline]");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const find = (name) => form.querySelector(`[data-${name}]`);
const { width, height } = canvas;
const COLOUR = [230, 159, 0, 115];
let past = [];
let first = field.value; // what was drawn before one was signed out
let at = null;

function fillFrom(text) {
  const picture = pen.createImageData(width, height);
  let pixel = 0;
  text.split(":")[1].split(",").forEach((run, index) => {
    const end = pixel + Number(run);
    for (; pixel < end; pixel += 1) if (index % 2) picture.data.set(COLOUR, 4 * pixel);
  });
  pen.putImageData(picture, 0, 0);
}

function read() {
  const { data } = pen.getImageData(0, 0, width, height);
  const runs = [];
  let inside = false;
  let length = 0;
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    if ((data[4 * pixel + 3] >= 58) !== inside) { runs.push(length); length = 0; inside = !inside; }
    length += 1;
  }
  return `${width}x${height}:${[...runs, length].join(",")}`;
}

function keep() {
  past = [...past.slice(-19), pen.getImageData(0, 0, width, height)];
}

function stroke(from, to) {
  // Erase first, then fill: the tint stays even where strokes cross.
  for (const mode of form.elements.brush.value === "erase" ? ["destination-out"] : ["destination-out", "source-over"]) {
    pen.globalCompositeOperation = mode;
    pen.strokeStyle = mode === "source-over" ? `rgba(${COLOUR.slice(0, 3)}, ${COLOUR[3] / 255})` : "#000";
    pen.lineCap = "round";
    pen.lineWidth = Number(find("size").value);
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x, to.y);
    pen.stroke();
  }
  field.value = read();
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return { x: (event.clientX - box.left) * width / box.width, y: (event.clientY - box.top) * height / box.height };
}

canvas.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  canvas.focus();
  cursor.hidden = true; // it is the keyboard's
  canvas.setPointerCapture(event.pointerId);
  keep();
  at = place(event);
  stroke(at, at);
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const next = place(event);
  stroke(at, next);
  at = next;
});

// By keyboard: arrows move the brush, the space bar draws.
const cursor = document.createElement("span");
cursor.className = "cursor";
cursor.hidden = true;
canvas.after(cursor);
const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function showCursor() {
  cursor.hidden = false;
  at = at || { x: width / 2, y: height / 2 };
  cursor.style.left = `${100 * at.x / width}%`;
  cursor.style.top = `${100 * at.y / height}%`;
}
canvas.addEventListener("focus", showCursor);
canvas.addEventListener("blur", () => { cursor.hidden = true; });
canvas.addEventListener("keydown", (event) => {
  if (event.key === " ") { keep(); stroke(at, at); showCursor(); } else if (moves[event.key]) {
    const step = event.shiftKey ? 2 : 12;
    at = { x: Math.min(width, Math.max(0, at.x + step * moves[event.key][0])), y: Math.min(height, Math.max(0, at.y + step * moves[event.key][1])) };
    showCursor();
  } else return;
  event.preventDefault();
});

find("undo").addEventListener("click", () => {
  if (!past.length) return;
  pen.putImageData(past.pop(), 0, 0);
  field.value = past.length ? read() : first;
});
find("clear").addEventListener("click", () => { keep(); pen.clearRect(0, 0, width, height); field.value = read(); });
find("reset").addEventListener("click", () => { past = []; first = ""; fillFrom(field.dataset.start); field.value = ""; });
fillFrom(field.value || field.dataset.start);
form.querySelector(".tools").hidden = false;
