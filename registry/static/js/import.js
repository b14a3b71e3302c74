/* Importing: cells are mended in place and checked at once; Enter goes to the next one.
   Without it every cell is a form of its own. */
(function () {
  'use strict';
  var doc = document;
  var rows = doc.querySelector('[data-mending]');
  var CELL = '[data-cell]';
  var queue = Promise.resolve();
  var swapping = false;

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function element(html) {
    var holder = doc.createElement(/^\s*<tr/.test(html) ? 'tbody' : 'div');
    holder.innerHTML = html;
    return holder.firstElementChild;
  }
  function say(text) {
    var place = doc.querySelector('[data-mend-said]');
    if (place) place.textContent = text;
  }
  function go(cell) {
    if (!cell) return;
    cell.focus();
    if (cell.select) cell.select();
    cell.scrollIntoView({ block: 'nearest' });
  }
  function original(cell) {
    if (cell.tagName !== 'SELECT') return cell.defaultValue;
    var first = all('option', cell).filter(function (option) { return option.defaultSelected; })[0];
    return first ? first.value : cell.options[0].value;
  }
  /* the id of the cell after this one, since its row may be made anew; from an error to the next error */
  function following(cell) {
    var cells = all((cell.closest('.mend--bad') ? '.mend--bad ' : '') + CELL, rows);
    var next = cells[cells.indexOf(cell) + 1];
    return next ? next.id : '';
  }

  /* what was typed meanwhile into other cells of the row goes over into the new one */
  function carry(row, fresh, sent) {
    all(CELL, row).forEach(function (cell) {
      var place = cell.id === sent ? null : fresh.querySelector('#' + cell.id);
      if (place && cell.value !== original(cell)) place.value = cell.value;
    });
  }
  /* the row as it is now in place of the one that is shown, if it is */
  function renew(html, sent) {
    var fresh = element(html);
    var row = doc.getElementById(fresh.id);
    if (!row) return;
    var active = row.contains(doc.activeElement) ? doc.activeElement : null;
    var place = active && active.id ? fresh.querySelector('#' + active.id) : null;
    var caret = place && active.tagName === 'INPUT' ? [active.selectionStart, active.selectionEnd] : null;
    carry(row, fresh, sent);
    /* taking the row away leaves the cell in hand, which is no reason to save it half typed */
    swapping = true;
    row.parentNode.replaceChild(fresh, row);
    swapping = false;
    if (place) place.focus({ preventScroll: true });
    if (place && caret) place.setSelectionRange(caret[0], caret[1]);
  }
  function put(answer, sent) {
    answer.rows.forEach(function (html) { renew(html, sent); });
    ['counts', 'tabs', 'bar'].forEach(function (name) {
      var old = doc.querySelector('[data-part="' + name + '"]');
      if (old && !old.querySelector('details[open]')) old.parentNode.replaceChild(element(answer[name]), old);
      else if (old) all('[name="version"]', old).forEach(function (seen) { seen.value = answer.version; });
    });
  }
  function complain(form, text) {
    var said = form.querySelector('.mend__failed') || doc.createElement('span');
    said.className = 'mend__failed bad';
    said.textContent = text;
    form.querySelector('p').appendChild(said);
    say(text);
  }

  /* `next`: where to go at once, for who types on; back again when the cell is still wrong and
     nothing was typed there */
  function send(form, repair, next) {
    var row = form.closest('tr');
    var cell = form.querySelector(CELL);
    var body = new FormData(form);
    var text = cell.value;
    if (form.classList.contains('is-busy')) return;
    if (repair !== null) body.append('repair', repair);
    form.classList.add('is-busy');
    if (next) go(doc.getElementById(next));
    /* one after the other: they change the same counts */
    queue = queue.then(function () {
      return fetch(form.action, {
        method: 'POST', body: body, credentials: 'same-origin', redirect: 'error', headers: { Accept: 'application/json', 'X-Autosave': '1' }
      });
    }).then(function (response) {
      return response.json().then(function (answer) {
        if (!response.ok) throw new Error(answer.error || '');
        return answer;
      });
    }).then(function (answer) {
      put(answer, cell.id);
      var fresh = doc.getElementById(row.id);
      var number = fresh.cells[0].textContent.trim();
      if (repair === null && cell.value !== text) {
        /* typed on while it was being saved */
        form.classList.remove('is-busy');
        send(form, null, next);
        return;
      }
      var still = fresh.querySelector('#' + cell.id);
      var active = doc.activeElement;
      var idle = active === doc.body || (active.id === next && active.value === original(active));
      say('第 ' + number + ' 行已检查，还有 ' + answer.left + ' 处错误');
      if (next === null || !idle) return;
      if (still && still.closest('.mend--bad')) go(still);
      else if (active === doc.body) go(doc.getElementById(next) || rows.querySelector('.mend--bad ' + CELL) || doc.querySelector('[data-part="bar"] .btn-primary'));
    }).catch(function (error) {
      form.classList.remove('is-busy');
      complain(form, error.message && /[\u4e00-\u9fff]/.test(error.message) ? error.message : '没有保存，请检查网络后再试');
    });
  }

  if (rows) {
    /* on the table body, before app.js locks the form */
    rows.addEventListener('submit', function (event) {
      var form = event.target;
      if (!form.matches('[data-mend]')) return;
      event.preventDefault();
      var cell = form.querySelector(CELL);
      var button = event.submitter && event.submitter.name === 'repair' ? event.submitter : null;
      var next = following(cell);
      if (!button && cell.value === original(cell)) { go(doc.getElementById(next)); return; }
      send(form, button ? button.value : null, next);
    });
    rows.addEventListener('keydown', function (event) {
      if (event.key !== 'Enter' || event.isComposing || !event.target.matches('select' + CELL)) return;
      event.preventDefault();
      var next = following(event.target);
      if (event.target.value === original(event.target)) go(doc.getElementById(next));
      else send(event.target.form, null, next);
    });
    /* left by Tab or by the mouse: saved where it stands */
    rows.addEventListener('focusout', function (event) {
      var cell = event.target;
      if (swapping || !cell.matches(CELL) || !doc.contains(cell)) return;
      var to = event.relatedTarget;
      if (to && to.form === cell.form) return;
      if (cell.value !== original(cell)) send(cell.form, null, null);
    });
    if (window.location.search.indexOf('show=') < 0 && !window.location.hash) {
      var first = rows.querySelector('.mend--bad ' + CELL);
      if (first) go(first);
    }
  }

  /* columns: a list that holds only the likely answers gets the others when it is opened */
  var template = doc.getElementById('all-fields');
  function fill(list) {
    var chosen = list.value;
    list.removeAttribute('data-short');
    list.textContent = '';
    list.appendChild(template.content.cloneNode(true));
    list.value = chosen;
  }
  if (template) {
    ['mousedown', 'focusin'].forEach(function (type) {
      doc.addEventListener(type, function (event) {
        if (event.target.matches && event.target.matches('select[data-short]')) fill(event.target);
      });
    });
  }
}());
