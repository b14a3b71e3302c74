/* Keeps the progress of jobs up to date. Without it there is a link to refresh the page. */
(function () {
  'use strict';
  var EVERY = 1000;

  function follow(place) {
    var bar = place.querySelector('progress');
    var count = place.querySelector('[data-job-count]');
    function show(told) {
      if (!bar) return;
      if (told.total) { bar.max = told.total; bar.value = told.done || 0; } else { bar.removeAttribute('value'); }
      count.textContent = told.progress || told.label;
    }
    function look() {
      if (document.hidden) { window.setTimeout(look, EVERY); return; }
      fetch(place.getAttribute('data-job'), { credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json' } })
        .then(function (response) { return response.ok ? response.json() : Promise.reject(response.status); })
        .then(function (told) {
          /* a confirmation that is open must not be swept away by a new page */
          if (told.ended) {
            if (told.url && place.hasAttribute('data-go')) window.location.assign(told.url); else window.location.reload();
            return;
          }
          if (told.status !== place.getAttribute('data-status') && !document.querySelector('details.confirm[open]')) { window.location.reload(); return; }
          show(told);
          window.setTimeout(look, EVERY);
        })
        .catch(function (status) { if (status !== 401 && status !== 404) window.setTimeout(look, EVERY * 5); });
    }
    window.setTimeout(look, EVERY);
  }
  Array.prototype.forEach.call(document.querySelectorAll('[data-job]'), follow);
}());
