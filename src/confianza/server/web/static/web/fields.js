// A field that was checked when it was left is marked wrong, and tied to what is wrong with it, for whoever hears the
// page; no longer once nothing is. A page that was sent whole comes with both.
"use strict";

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (!target.matches(".problem")) return;
  const field = target.parentElement.querySelector("input, select, textarea");
  const problem = target.querySelector("[id]");
  if (problem) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", problem.id);
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
});
