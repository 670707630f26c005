// Runs before the page's program: tells the first paint which page it stands for and in which language it
// will be, and says so if the program never starts.
(function () {
  var root = document.documentElement;
  var page = /^\/(data|train|runs|registry|monitor)\/?$/.exec(location.pathname);
  if (location.pathname !== "/") root.dataset.page = page ? page[1] : "other";

  // What was chosen before, else the first of the browser's languages that the page has.
  var wanted = (navigator.languages || []).slice();
  try {
    wanted.unshift(localStorage.getItem("tepal-language"));
    if (localStorage.getItem("tepal-first-steps")) root.dataset.firstSteps = "over";
    // Who was here before may have kept what the words for newcomers are wrong about.
    if (localStorage.length + sessionStorage.length) root.dataset.known = "";
    localStorage.setItem("tepal-known", "");
  } catch (_) {
    // Nothing may be kept here.
  }
  for (var language of wanted) {
    var code = String(language).slice(0, 2).toLowerCase();
    if (code !== "en" && !document.querySelector("meta[name=words-" + CSS.escape(code) + "]")) continue;
    root.lang = code;
    break;
  }

  var started = false;
  function fail() {
    if (!started) root.classList.add("boot-failed");
  }
  // Capturing: a script that does not load tells nobody but itself.
  addEventListener("error", fail, true);
  addEventListener("unhandledrejection", fail);
  addEventListener("securitypolicyviolation", fail);
  // A connection that hangs raises no event.
  setTimeout(fail, 30000);
  addEventListener("tepal-started", function () {
    started = true;
    // What was late, or is done without, came to nothing.
    root.classList.remove("boot-failed");
  });
})();
