/* What the pages do with a script on. Everything also works without it.
   Plain functions, nothing newer than Chromium 83, no inline styles except through CSSOM. */
(function () {
  'use strict';
  var doc = document;
  doc.documentElement.classList.add('js');

  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function on(selector, type, handler) {
    doc.addEventListener(type, function (event) {
      var target = event.target.closest ? event.target.closest(selector) : null;
      if (target) handler(event, target);
    });
  }
  function typing(element) { return /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable; }

  /* ---- menu: folded on wide screens (remembered), laid over the page on narrow ones ---- */
  on('[data-fold]', 'click', function () {
    if (window.matchMedia('(max-width: 1100px)').matches) { doc.body.classList.toggle('open'); return; }
    var folded = doc.body.classList.toggle('fold');
    doc.cookie = 'menu=' + (folded ? 'fold' : 'full') + ';path=/;max-age=31536000;SameSite=Lax';
    fitTables();
  });

  /* ---- menus and confirmations on <details> ---- */
  function lift(box) {
    /* inside a scrolling table the panel is fixed: place it under (or over) its button */
    var panel = box.querySelector('.menu__list, .confirm__panel');
    if (!panel) return;
    panel.style.left = panel.style.right = panel.style.top = '';
    var button = box.getBoundingClientRect();
    var place = panel.getBoundingClientRect();
    var width = doc.documentElement.clientWidth;
    if (!box.closest('.table-wrap')) {
      var edge = doc.getElementById('main').getBoundingClientRect().left;
      if (place.left < edge && place.right < width) { panel.style.right = 'auto'; panel.style.left = '0'; }
      if (place.right > width) { panel.style.left = 'auto'; panel.style.right = '0'; }
      return;
    }
    var under = button.bottom + 4;
    if (under + place.height > window.innerHeight) under = Math.max(8, button.top - place.height - 4);
    panel.style.top = under + 'px';
    panel.style.left = Math.max(8, Math.min(button.right - place.width, width - place.width - 8)) + 'px';
    panel.style.right = 'auto';
  }
  function closeAll(except) {
    all('details.menu[open], details.confirm[open]').forEach(function (box) { if (!except || !box.contains(except)) box.open = false; });
  }
  doc.addEventListener('toggle', function (event) {
    var box = event.target;
    if (!box.matches || !box.open || !box.matches('details.menu, details.confirm')) return;
    lift(box);
    var first = box.matches('.confirm') && box.querySelector('input:not([type=hidden]), textarea, select');
    if (first) first.focus();
  }, true);
  doc.addEventListener('click', function (event) { closeAll(event.target); });
  doc.addEventListener('scroll', function (event) {
    if (event.target === doc || (event.target.matches && event.target.matches('.table-wrap'))) {
      all('.table-wrap details[open].menu, .table-wrap details[open].confirm').forEach(function (box) { box.open = false; });
    }
  }, true);
  on('details[data-remember]', 'click', function (event, box) {
    if (!event.target.closest('summary')) return;
    doc.cookie = box.getAttribute('data-remember') + '=' + (box.open ? 'closed' : 'open') + ';path=/;max-age=31536000;SameSite=Lax';
  });
  all('details[data-remember]').forEach(function (box) {
    if (doc.cookie.indexOf(box.getAttribute('data-remember') + '=open') >= 0) box.open = true;
  });

  on('[data-print]', 'click', function () { window.print(); });

  /* ---- dialogs: the link of an opener stays the way in without script ---- */
  on('[data-open]', 'click', function (event, opener) {
    var dialog = doc.getElementById(opener.getAttribute('data-open'));
    if (!dialog || !dialog.showModal) return;
    event.preventDefault();
    dialog.showModal();
  });
  on('[data-close]', 'click', function (event, button) {
    var box = button.closest('dialog, details');
    if (box.tagName === 'DIALOG') box.close(); else { box.open = false; box.querySelector('summary').focus(); }
  });
  on('dialog', 'click', function (event, dialog) { if (event.target === dialog && !changed(dialog)) dialog.close(); });

  /* ---- keyboard ---- */
  doc.addEventListener('keydown', function (event) {
    var active = doc.activeElement || doc.body;
    if (event.key === 'Escape') {
      all('details.menu[open], details.confirm[open]').forEach(function (box) { box.open = false; box.querySelector('summary').focus(); });
      return;
    }
    if (event.key === 'Enter' && event.ctrlKey && active.form && active.form.method === 'post') { press(active.form); return; }
    if (event.key === 'Enter' && active.matches('form[data-autosave] input:not([type=submit])') && !event.defaultPrevented) {
      event.preventDefault();
      next(active);
      return;
    }
    if (typing(active) || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === '/') { focusOn('[data-search]', event); }
    if (event.key === '?') { var help = doc.getElementById('keyboard-help'); if (help && help.showModal && !help.open) help.showModal(); }
    if (event.key === 'j' || event.key === 'k') {
      var link = doc.querySelector('a[rel="' + (event.key === 'j' ? 'next' : 'prev') + '"]');
      if (link) link.click();
    }
  });
  function focusOn(selector, event) {
    var field = doc.querySelector(selector);
    if (field) { event.preventDefault(); field.focus(); field.select(); }
  }
  function press(form) {
    var button = form.querySelector('.btn-primary[type=submit], .btn-primary:not([type]), button:not([type=button])');
    if (button) button.click();
  }
  function next(field) {
    var fields = all('input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled)', field.form);
    var following = fields[fields.indexOf(field) + 1];
    if (following) { following.focus(); if (following.select) following.select(); }
  }
  var summary = doc.querySelector('[data-error-summary]');
  if (summary) summary.focus();
  on('[data-error-summary] a', 'click', function (event, link) {
    var field = doc.getElementById(link.getAttribute('href').slice(1));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: 'center' });
    field.focus();
  });

  /* ---- tables: tick column, and a head that stays in view ---- */
  function count(scope) {
    var boxes = all('[data-pick]', scope);
    var picked = boxes.filter(function (box) { box.closest('tr').classList.toggle('is-picked', box.checked); return box.checked; });
    all('[data-pick-all]', scope).forEach(function (box) {
      box.checked = picked.length > 0 && picked.length === boxes.length;
      box.indeterminate = picked.length > 0 && picked.length < boxes.length;
    });
    all('[data-picked]', scope).forEach(function (place) { place.textContent = picked.length; });
    all('[data-batch]', scope).forEach(function (bar) { bar.classList.toggle('toolbar--on', picked.length > 0); });
    all('[data-need-selection]', scope).forEach(function (button) {
      button.disabled = picked.length === 0;
      button.classList.toggle('disabled', picked.length === 0);
    });
  }
  function batchScope(element) { return element.closest('form') || element.closest('.card') || doc; }
  on('[data-pick-all]', 'change', function (event, box) {
    var scope = batchScope(box);
    all('[data-pick]', scope).forEach(function (each) { each.checked = box.checked; });
    count(scope);
  });
  on('[data-pick]', 'change', function (event, box) { count(batchScope(box)); });
  all('[data-batch]').forEach(function (bar) { count(batchScope(bar)); });
  /* a <details> opens even when its button looks disabled */
  on('summary.disabled', 'click', function (event) { event.preventDefault(); });

  function fitTables() {
    all('[data-table]').forEach(function (wrap) {
      wrap.classList.remove('table-wrap--fits');
      wrap.classList.toggle('table-wrap--fits', wrap.scrollWidth <= wrap.clientWidth + 1);
    });
  }
  fitTables();
  window.addEventListener('resize', fitTables);
  doc.addEventListener('scroll', function (event) {
    if (event.target.matches && event.target.matches('.table-wrap')) {
      event.target.classList.toggle('table-wrap--scrolled', event.target.scrollLeft > 0);
    }
  }, true);

  /* ---- numbers pasted from Excel: full width, spaces, thousand separators ---- */
  function clean(text) {
    return text.replace(/[\uff10-\uff19]/g, function (c) { return String.fromCharCode(c.charCodeAt(0) - 0xfee0); })
      .replace(/[\uff0e\u3002]/g, '.').replace(/[\uff0d\u2212\u2014]/g, '-').replace(/\uff05/g, '%')
      .replace(/[\s\u3000\u00a0,\uff0c]/g, '');
  }
  on('input[inputmode=decimal], input[inputmode=numeric]', 'change', function (event, field) {
    var cleaned = clean(field.value);
    if (cleaned !== field.value) field.value = cleaned;
  });

  /* ---- forms: warn before leaving, lock while sending ---- */
  function guarded(form) { return form.method === 'post' && !form.hasAttribute('data-no-guard') && !doc.body.classList.contains('signed-out'); }
  function snapshot(form) {
    return all('input, select, textarea', form).map(function (field) {
      if ((field.type === 'hidden' && !field.hasAttribute('data-combo-code')) || field.type === 'submit' || field.hasAttribute('data-pick') || field.hasAttribute('data-pick-all')) return '';
      if (field.type === 'checkbox' || field.type === 'radio') return field.checked;
      if (field.multiple && field.options) return all('option', field).map(function (option) { return option.selected; }).join();
      return field.value;
    }).join('\u0001');
  }
  var watched = all('form').filter(guarded).map(function (form) { return { form: form, saved: snapshot(form), sending: false }; });
  function watch(form) { return watched.filter(function (each) { return each.form === form; })[0]; }
  function changed(scope) {
    return watched.some(function (each) { return (!scope || scope.contains(each.form)) && !each.sending && snapshot(each.form) !== each.saved; });
  }
  window.addEventListener('beforeunload', function (event) {
    if (changed()) { event.preventDefault(); event.returnValue = ''; }
  });
  doc.addEventListener('submit', function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== 'post') return;
    if (form.hasAttribute('data-sent')) { event.preventDefault(); return; }
    form.setAttribute('data-sent', '');
    var record = watch(form);
    if (record) record.sending = true;
    /* after the browser has collected the fields, so that the button's own value is sent */
    window.setTimeout(function () { lock(form); }, 0);
    if (form.hasAttribute('data-download')) window.setTimeout(function () { unlock(form); }, 4000);
  });
  function buttons(form) { return all('button:not([type=button])', form).concat(form.id ? all('button[form="' + form.id + '"]') : []); }
  function lock(form) {
    buttons(form).forEach(function (button) {
      button.disabled = true;
      if (button.matches('.btn-primary, .btn-danger')) {
        button.setAttribute('data-label', button.innerHTML);
        button.textContent = button.getAttribute('data-busy') || '正在提交…';
      }
    });
  }
  function unlock(form) {
    form.removeAttribute('data-sent');
    var record = watch(form);
    if (record) record.sending = false;
    buttons(form).forEach(function (button) {
      button.disabled = false;
      if (button.hasAttribute('data-label')) { button.innerHTML = button.getAttribute('data-label'); button.removeAttribute('data-label'); }
    });
    count(form);
  }
  window.addEventListener('pageshow', function (event) { if (event.persisted) all('form[data-sent]').forEach(unlock); });

  /* ---- drafts save by themselves ---- */
  all('form[data-autosave]').forEach(function (form) {
    var place = doc.querySelector('[data-autosave-state]');
    var record = watch(form) || { saved: snapshot(form) };
    var busy = false;
    function say(text, tone) { if (place) { place.textContent = text; place.setAttribute('data-tone', tone); } }
    function save() {
      var now = snapshot(form);
      if (busy || now === record.saved || form.hasAttribute('data-sent')) return;
      busy = true;
      say('正在保存…', '');
      fetch(form.getAttribute('data-autosave'), {
        method: 'POST', body: new FormData(form), credentials: 'same-origin', redirect: 'error', headers: { 'X-Autosave': '1', Accept: 'application/json' }
      }).then(function (response) {
        return response.json().then(function (answer) {
          if (!response.ok && !answer.errors) throw new Error(answer.error || '');
          return answer;
        });
      }).then(function (answer) {
        if (answer.version !== undefined) all('input[name=version]', form).forEach(function (field) { field.value = answer.version; });
        showErrors(form, answer.errors || {});
        if (answer.saved_at) { record.saved = now; say('已保存 ' + answer.saved_at, 'ok'); } else say('有错误，未保存，内容还在页面上', 'bad');
      }).catch(function (error) {
        say(error.message && /[\u4e00-\u9fff]/.test(error.message) ? error.message : '保存失败，内容还在页面上', 'bad');
      }).then(function () { busy = false; });
    }
    form.addEventListener('change', function () { window.setTimeout(save, 50); });
    window.setInterval(save, 30000);
  });
  function showErrors(form, errors) {
    all('[data-field]', form).forEach(function (box) {
      var message = errors[box.getAttribute('data-field')];
      var control = box.querySelector('input:not([type=hidden]), select, textarea');
      var line = box.querySelector('.field__error');
      if (Array.isArray(message)) message = message.join('，');
      box.classList.toggle('field--bad', !!message);
      if (!control) return;
      control.classList.toggle('is-invalid', !!message);
      if (!message) { if (line) line.hidden = true; control.removeAttribute('aria-invalid'); return; }
      if (!line) {
        line = doc.createElement('p');
        line.className = 'field__error';
        line.id = control.id + '-error';
        box.appendChild(line);
        control.setAttribute('aria-describedby', ((control.getAttribute('aria-describedby') || '') + ' ' + line.id).trim());
      }
      line.hidden = false;
      line.textContent = message;
      control.setAttribute('aria-invalid', 'true');
    });
  }
}());
