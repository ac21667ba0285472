// Click or tap a figure to see it large; Escape, a click or scrolling brings it back.
document.addEventListener("DOMContentLoaded", () => {
  const figures = document.querySelectorAll(".bd-article figure img, .bd-article .cell_output > .output img");
  const background = () => getComputedStyle(document.body).backgroundColor;
  const zoom = mediumZoom([...figures].filter((image) => !image.closest("a, .living")), {margin: 16});
  zoom.on("open", () => zoom.update({background: background()}));
});
