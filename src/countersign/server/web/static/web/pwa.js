// Makes the site installable on a phone. The worker keeps static files only: service-worker.js.

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/service-worker.js").catch(() => {});  // a page works as well without it
}
