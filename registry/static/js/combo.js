/* Type-ahead for inputs with data-combo="URL". The URL answers ?q=text with
   [{"value": code, "label": name, "hint": extra}]. A hidden input carries the code; the visible one
   shows the name. What is typed without picking is sent as it is, for the server to resolve. */
(function () {
  'use strict';
  var serial = 0;

  function combo(input) {
    var url = input.getAttribute('data-combo');
    var box = input.closest('.combo') || input.parentNode;
    var code = document.createElement('input');
    var list = document.createElement('div');
    var options = [];
    var current = -1;
    var timer = 0;
    var asked = 0;

    code.type = 'hidden';
    code.setAttribute('data-combo-code', '');
    code.name = input.name;
    code.value = input.value;
    input.removeAttribute('name');
    input.value = input.getAttribute('data-combo-display') || input.value;
    list.id = 'combo-' + (serial += 1);
    list.className = 'combo__list';
    list.setAttribute('role', 'listbox');
    list.hidden = true;
    box.appendChild(code);
    box.appendChild(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-controls', list.id);
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('autocomplete', 'off');

    function close() {
      list.hidden = true;
      current = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    }
    function point(index) {
      current = index;
      options.forEach(function (option, n) { option.node.setAttribute('aria-selected', String(n === index)); });
      if (index < 0) { input.removeAttribute('aria-activedescendant'); return; }
      input.setAttribute('aria-activedescendant', options[index].node.id);
      options[index].node.scrollIntoView({ block: 'nearest' });
    }
    function pick(index) {
      code.value = options[index].item.value;
      input.value = options[index].item.label;
      close();
      code.dispatchEvent(new Event('change', { bubbles: true }));
    }
    function show(items) {
      list.textContent = '';
      options = items.map(function (item, n) {
        var node = document.createElement('div');
        node.id = list.id + '-' + n;
        node.setAttribute('role', 'option');
        [item.label, item.hint].forEach(function (text) {
          if (!text) return;
          var part = document.createElement('span');
          part.textContent = text;
          node.appendChild(part);
        });
        /* mousedown comes before the input loses focus */
        node.addEventListener('mousedown', function (event) { event.preventDefault(); pick(n); });
        list.appendChild(node);
        return { item: item, node: node };
      });
      if (!items.length) {
        var none = document.createElement('div');
        none.className = 'combo__none';
        none.textContent = '没有匹配的项';
        list.appendChild(none);
      }
      list.hidden = false;
      /* in the last column of a form it opens to the left */
      list.style.left = list.style.right = '';
      if (list.getBoundingClientRect().right > document.documentElement.clientWidth) { list.style.left = 'auto'; list.style.right = '0'; }
      input.setAttribute('aria-expanded', 'true');
      point(items.length ? 0 : -1);
    }
    function ask() {
      var turn = (asked += 1);
      fetch(url + (url.indexOf('?') < 0 ? '?' : '&') + 'q=' + encodeURIComponent(input.value.trim()), {
        credentials: 'same-origin', headers: { Accept: 'application/json' }
      }).then(function (response) { return response.ok ? response.json() : []; }).then(function (items) {
        if (turn === asked && document.activeElement === input) show(items);
      }).catch(close);
    }

    input.addEventListener('input', function () {
      code.value = input.value.trim();
      window.clearTimeout(timer);
      if (!input.value.trim()) { asked += 1; close(); return; }
      timer = window.setTimeout(ask, 180);
    });
    input.addEventListener('keydown', function (event) {
      if (event.isComposing) return;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (list.hidden) { ask(); return; }
        if (options.length) point((current + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % options.length);
      } else if (event.key === 'Enter' && !list.hidden && current >= 0) {
        event.preventDefault();
        pick(current);
      } else if (event.key === 'Escape' && !list.hidden) {
        event.stopPropagation();
        event.preventDefault();
        close();
      }
    });
    input.addEventListener('blur', close);
  }

  Array.prototype.forEach.call(document.querySelectorAll('input[data-combo]'), combo);
}());
