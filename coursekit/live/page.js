// What every living figure is made of: words, elements, sliders, dragging, playing.

const WORDS = {
  en: {
    first: "first coordinate", second: "second coordinate", decoded: "decoded image",
    near: "near", drag: "drag me", play: "Play", pause: "Pause", again: "Start again",
    step: "training step", size: "numbers in the code", codes: "codes", noPlane: "too many to draw",
    seen: "trained on", others: "never seen", error: "squared error of an image",
    originals: "original above, reconstruction below",
    kernelSize: "kernel size", stride: "stride", padding: "padding", kernel: "kernel", ones: "ones",
    tent: "tent", cell: "cell: row, column", value: "value of the cell", allOnes: "All ones",
    input: "input", tap: "press to choose, again to switch",
    byStamps: "transposed convolution", byResizing: "resize, then convolve",
    side: "side of the result", onPixel: "numbers: stamps on the pixel", inPixel: "numbers: weights in the pixel",
    flat: "ones become", to: "to", pattern: "a pattern", noPattern: "no pattern",
    noise: "noise", across: "start, across", up: "start, up", steps: "steps", walk: "walk",
    distance: "distance to the data", data: "data", trained: "with the noise of the training",
  },
  es: {
    first: "primera coordenada", second: "segunda coordenada", decoded: "imagen decodificada",
    near: "cerca de", drag: "arrástrame", play: "Iniciar", pause: "Pausa", again: "Empezar de nuevo",
    step: "paso de entrenamiento", size: "números en el código", codes: "códigos",
    noPlane: "demasiados para dibujarlos", seen: "en el entrenamiento", others: "nunca vistas",
    error: "error cuadrático de una imagen", originals: "original arriba, reconstrucción abajo",
    kernelSize: "tamaño del núcleo", stride: "paso", padding: "relleno", kernel: "núcleo", ones: "unos",
    tent: "triangular", cell: "celda: fila, columna", value: "valor de la celda", allOnes: "Todo unos",
    input: "entrada", tap: "pulsa para elegir, otra vez para cambiar",
    byStamps: "convolución transpuesta", byResizing: "redimensionar y convolucionar",
    side: "lado del resultado", onPixel: "números: sellos en el píxel", inPixel: "números: pesos en el píxel",
    flat: "los unos dan", to: "a", pattern: "un patrón", noPattern: "sin patrón",
    noise: "ruido", across: "inicio, horizontal", up: "inicio, vertical", steps: "pasos",
    walk: "camino", distance: "distancia a los datos", data: "datos", trained: "con el ruido del entrenamiento",
  },
  pt: {
    first: "primeira coordenada", second: "segunda coordenada", decoded: "imagem decodificada",
    near: "perto de", drag: "arraste-me", play: "Iniciar", pause: "Pausa", again: "Recomeçar",
    step: "passo de treinamento", size: "números no código", codes: "códigos",
    noPlane: "demais para desenhar", seen: "no treinamento", others: "nunca vistas",
    error: "erro quadrático de uma imagem", originals: "original acima, reconstrução abaixo",
    kernelSize: "tamanho do núcleo", stride: "passo", padding: "preenchimento", kernel: "núcleo", ones: "uns",
    tent: "triangular", cell: "célula: linha, coluna", value: "valor da célula", allOnes: "Tudo uns",
    input: "entrada", tap: "toque para escolher, de novo para trocar",
    byStamps: "convolução transposta", byResizing: "redimensionar e convolver",
    side: "lado do resultado", onPixel: "números: carimbos no pixel", inPixel: "números: pesos no pixel",
    flat: "uns viram", to: "a", pattern: "um padrão", noPattern: "sem padrão",
    noise: "ruído", across: "início, horizontal", up: "início, vertical", steps: "passos",
    walk: "caminho", distance: "distância aos dados", data: "dados", trained: "com o ruído do treinamento",
  },
};

// the interface speaks the language of the page
function word(name) {
  return (WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.en)[name];
}

// an element with properties and children: make("p", {className: "note"}, "text")
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function hidden(element) {
  element.setAttribute("aria-hidden", "true");
  return element;
}

// a labelled slider that shows its value: {row, input, set(value)}; `changed` hears the reader
function slider(label, {min, max, step}, changed, format = (value) => value.toFixed(2)) {
  const input = make("input", {type: "range", min, max, step});
  const value = hidden(make("span", {className: "value"}));
  const row = make("label", {className: "slider"}, make("span", {textContent: label}), input, value);
  const show = () => {
    value.textContent = format(+input.value);
    input.setAttribute("aria-valuetext", value.textContent);
  };
  input.addEventListener("input", () => { show(); changed(+input.value); });
  return {row, input, set(number) { input.value = number; show(); }};
}

// radio buttons: {fieldset, chosen()}; `name` says what a value is called
function choices(label, values, first, name = String) {
  const group = `living-${Math.random()}`;
  const radios = values.map((value) =>
    make("input", {type: "radio", name: group, value, checked: value === first}));
  const fieldset = make("fieldset", {}, make("legend", {textContent: label}),
    ...radios.map((radio, i) => make("label", {}, radio, name(values[i]))));
  return {fieldset, chosen: () => values[radios.findIndex((radio) => radio.checked)]};
}

// calls moved(u, v), each from 0 to 1, for a pointer that is down on the canvas
function drag(canvas, moved) {
  const clip = (part) => Math.min(1, Math.max(0, part));
  const tell = (event) => {
    const box = canvas.getBoundingClientRect();
    moved(clip((event.clientX - box.left) / box.width), clip((event.clientY - box.top) / box.height));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    tell(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (canvas.hasPointerCapture(event.pointerId)) tell(event);
  });
}

// a region that only a screen reader sees; it speaks when the reader rests
function announcer() {
  const output = make("output", {className: "unseen"});
  output.setAttribute("aria-live", "polite");
  let waiting;
  const say = (text) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { output.textContent = text; }, 300);
  };
  return {output, say};
}

// A button that plays: `tick` runs every `interval` ms until it returns false. Nothing plays by
// itself or unseen, and readers who want little motion get two pictures a second.
function player(root, interval, tick) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const button = make("button", {type: "button", textContent: word("play")});
  let running = false;
  let last = 0;
  const frame = (now) => {
    if (!running) return;
    if (now - last >= (calm.matches ? 500 : interval)) {
      last = now;
      if (tick() === false) return turn(false);
    }
    requestAnimationFrame(frame);
  };
  const turn = (on) => {
    if (on === running) return;
    running = on;
    button.textContent = word(on ? "pause" : "play");
    if (on) requestAnimationFrame(frame);
  };
  button.addEventListener("click", () => turn(!running));
  new IntersectionObserver(([entry]) => entry.isIntersecting || turn(false)).observe(root);
  return {button, stop: () => turn(false)};
}

// draws now, when the figure appears or changes its size, and when the page turns dark or light
function redrawn(root, draw) {
  const ready = () => {
    for (const name of ["first", "second"]) root.style.setProperty(`--${name}`, tones(root)[name]);
    if (root.clientWidth) draw();
  };
  new ResizeObserver(ready).observe(root);
  const themes = {attributes: true, attributeFilter: ["class", "data-theme", "theme", "data-jp-theme-light"]};
  for (const element of [document.documentElement, document.body])
    new MutationObserver(ready).observe(element, themes);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", ready);
  ready();
}
