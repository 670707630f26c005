// Runs before the page's program: tells the first paint which page it stands for, and says so if
// the program never starts.
(function () {
  var root = document.documentElement;
  if (location.pathname !== "/") root.classList.add("deep-link");

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
  });
})();
