const film = document.getElementById("film");
const shots = [...document.querySelectorAll(".ribbon [data-shot]")];

// The last source in the list has failed too: say what is missing instead of a grey box.
[...film.querySelectorAll("source")].at(-1).addEventListener("error", () => {
  document.getElementById("lost").hidden = false;
});

function seek(seconds) {
  // A hair after the cut, so that rounding never shows the last frame of the shot before.
  film.currentTime = Number(seconds) + 0.001;
  mark(Number(seconds));
}

document.addEventListener("click", (event) => {
  const from = event.target.closest("[data-seek]");
  if (!from) return;
  seek(from.dataset.seek);
  film.play().catch(() => {});
  if (!from.closest(".ribbon")) film.scrollIntoView({ block: "nearest" });
});

function mark(seconds) {
  const now = shots.filter((shot) => Number(shot.dataset.seek) <= seconds + 0.001).at(-1);
  for (const marked of document.querySelectorAll("[aria-current]")) marked.removeAttribute("aria-current");
  if (!now) return;
  now.setAttribute("aria-current", "true");
  document.getElementById(now.dataset.shot)?.setAttribute("aria-current", "true");
}
film.addEventListener("timeupdate", () => mark(film.currentTime));

// report.html#s02-01 opens at that shot.
function open() {
  const shot = shots.find((one) => one.dataset.shot === location.hash.slice(1));
  if (shot) seek(shot.dataset.seek);
}
window.addEventListener("hashchange", open);
if (film.readyState > 0) open();
else film.addEventListener("loadedmetadata", open, { once: true });
