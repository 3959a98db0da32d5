// Starts the page, or says why it cannot. No inline script and no top-level await: the policy forbids the one, and a browser
// that is too old must still understand this file.

const note = document.getElementById("boot");
const loader = document.querySelector("script[data-js]");

// A module of one function that holds one instruction of the 128-bit vectors that page and worker are compiled for.
const simd = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

function say(sentence) {
  note.textContent = sentence;
  note.hidden = false;
}

if (typeof WebAssembly !== "object" || !WebAssembly.validate(simd)) {
  say("This browser is too old. It needs Chrome 91, Firefox 89, Safari 16.4 or newer.");
} else {
  // A file that is dropped before the page is there would replace it.
  const waiting = new AbortController();
  for (const kind of ["dragover", "drop"]) {
    addEventListener(kind, (event) => event.preventDefault(), { signal: waiting.signal });
  }
  const address = (relative) => new URL(relative, document.baseURI).href;
  import(address(loader.dataset.js))
    .then((page) => page.default({ module_or_path: address(loader.dataset.wasm) }))
    .then(() => waiting.abort())
    .catch((error) => {
      console.error(error);
      say("The page could not be loaded. Reload it; if that does not help, the copy on this server is incomplete.");
    });
}
