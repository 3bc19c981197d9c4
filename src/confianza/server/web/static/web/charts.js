// Charts that answer: hovering shows a mark's values, clicking opens its records.
// Without this script a chart is a picture; the table beside it has the same figures and links.
"use strict";

const script = document.currentScript;

function load(address) {
  return new Promise((done, failed) => {
    const element = document.createElement("script");
    Object.assign(element, { src: address, onload: done, onerror: failed });
    document.head.append(element);
  });
}

// What a mark says, beside the pointer. Its texts come from the chart: they are never read as markup.
function tip(box, handler, event, item, value) {
  if (value === null || value === undefined || value === "") {
    box.hidden = true;
    return;
  }
  const entries = typeof value === "object" ? Object.entries(value) : [["", value]];
  box.replaceChildren(...entries.map(([name, text]) => {
    const line = document.createElement("div");
    line.textContent = name ? `${name}: ${text}` : text;
    return line;
  }));
  box.hidden = false;
  const frame = box.parentElement.getBoundingClientRect();
  const left = event.clientX - frame.left + 12;
  box.style.left = `${Math.max(0, Math.min(left, frame.width - box.offsetWidth))}px`;
  box.style.top = `${event.clientY - frame.top + 14}px`;
}

async function draw(figure) {
  const narrow = window.matchMedia("(max-width: 40rem)").matches;
  const answer = await fetch(figure.dataset[narrow ? "narrow" : "wide"]);
  if (!answer.ok) return; // the picture stays
  const { spec, locale } = await answer.json();
  await (draw.vega ??= load(script.dataset.vega));
  const place = document.createElement("div");
  const box = document.createElement("div");
  place.className = "drawing";
  box.className = "tip";
  box.hidden = true;
  const view = new vega.View(vega.parse(spec, {}, { ast: true }), {
    expr: vega.expressionInterpreter,
    renderer: "svg",
    hover: true,
    locale,
    loader: vega.loader({ target: "_self" }),
    tooltip: (...what) => tip(box, ...what),
  });
  await view.initialize(place).runAsync();
  const drawing = place.querySelector("svg");
  drawing.removeAttribute("width");
  drawing.removeAttribute("height");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", figure.querySelector("img").alt);
  figure.querySelector("picture").replaceWith(place);
  figure.append(box);
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target).catch((error) => console.error(error));
  }
}, { rootMargin: "200px" });

document.querySelectorAll("figure.chart[data-wide]").forEach((figure) => seen.observe(figure));
