// Charts that answer: hovering shows a mark's values, clicking opens its records. By keyboard a chart is one stop;
// arrows, Home and End go from mark to mark, Enter opens.
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

// The lines of what a mark says. Its texts come from the chart: they are never read as markup.
function linesOf(value) {
  if (value === null || value === undefined || value === "") return [];
  const entries = typeof value === "object" ? Object.entries(value) : [["", value]];
  return entries.map(([name, text]) => (name ? `${name}: ${text}` : `${text}`));
}

// Shows what a mark says beside a point of the window; nothing without lines.
function tell(box, lines, x, y) {
  box.hidden = lines.length === 0;
  if (box.hidden) return;
  box.replaceChildren(...lines.map((text) => {
    const line = document.createElement("div");
    line.textContent = text;
    return line;
  }));
  const frame = box.parentElement.getBoundingClientRect();
  const left = x - frame.left + 12;
  box.style.left = `${Math.max(0, Math.min(left, frame.width - box.offsetWidth))}px`;
  box.style.top = `${y - frame.top + 14}px`;
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

// Marks that open something, for whoever has no mouse. Vega keeps the item of a mark as `__data__`, and opens its
// address on a click.
function reachByKeyboard(drawing, box) {
  const marks = [...drawing.querySelectorAll("path")].filter((mark) => mark.__data__?.href);
  if (marks.length === 0) return false;
  marks.forEach((mark, number) => {
    mark.setAttribute("role", "link");
    mark.removeAttribute("aria-roledescription");
    mark.setAttribute("aria-label", linesOf(mark.__data__.tooltip).join("; "));
    mark.setAttribute("tabindex", number ? "-1" : "0");
    mark.addEventListener("focus", () => {
      const { left, bottom } = mark.getBoundingClientRect();
      tell(box, linesOf(mark.__data__.tooltip), left, bottom);
    });
    mark.addEventListener("blur", () => tell(box, []));
  });
  drawing.addEventListener("keydown", (event) => {
    const here = marks.indexOf(event.target);
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
      return;
    }
    const ends = { Home: 0, End: marks.length - 1 };
    const next = marks[ends[event.key] ?? here + STEPS[event.key]];
    if (!next) return;
    event.preventDefault();
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
  return true;
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
    tooltip: (handler, event, item, value) => tell(box, linesOf(value), event.clientX, event.clientY),
  });
  await view.initialize(place).runAsync();
  const drawing = place.querySelector("svg");
  drawing.removeAttribute("width");
  drawing.removeAttribute("height");
  drawing.setAttribute("role", reachByKeyboard(drawing, box) ? "group" : "img");
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

function watch(part) {
  part.querySelectorAll("figure.chart[data-wide]").forEach((figure) => {
    if (figure.querySelector("picture")) seen.observe(figure);
  });
}

watch(document);
document.addEventListener("htmx:afterSettle", (event) => watch(event.target));
