// Starts the browser half of the program. Every page works without it, so a failure here may only ever cost comfort.
const js = document.getElementById("gate-js").href;
const wasm = document.getElementById("gate-wasm").href;
const build = document.querySelector("meta[name=build]").content;
// The same key as in `app/src/ui/browser.rs`.
const reloaded = "gate-reloaded";

// What has been typed already must not be thrown away by a reload.
let typed = false;
addEventListener("input", () => (typed = true), { capture: true, once: true });

// After a deploy the files of the old build may be gone: one reload fetches the new page. If that page fails as
// well, or nothing could stop a second reload, the page stays as the server rendered it.
function reloadOnce() {
  if (typed || !navigator.onLine) return;
  try {
    if (sessionStorage.getItem(reloaded) === build) return;
    sessionStorage.setItem(reloaded, build);
  } catch {
    return;
  }
  location.reload();
}

import(js)
  .then(async (program) => {
    await program.default({ module_or_path: wasm });
    // Ends when lazily loaded parts are there too, and marks `html[data-hydrated]`.
    await program.hydrate();
  })
  .catch((error) => {
    console.warn("The page stays as the server sent it:", error);
    reloadOnce();
  });
