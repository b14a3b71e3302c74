/* Runs in the page. `layoutOnly` leaves out what does not change with the width of the window.
   Answers with one sentence per fault. */
async ({ allowed, layoutOnly, smallest }) => {
  const found = new Set();
  const root = document.documentElement;
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));

  const where = element => {
    const name = element.id ? `#${element.id}` : Array.from(element.classList).slice(0, 2).map(c => `.${c}`).join('');
    const words = (element.textContent || '').replace(/\s+/g, ' ').trim().slice(0, 24);
    return `${element.tagName.toLowerCase()}${name}${words ? ` “${words}”` : ''}`;
  };
  const say = (what, element) => found.add(element ? `${what}: ${where(element)}` : what);
  const style = element => getComputedStyle(element);
  const isShown = element => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ checkVisibilityCSS: true }) && box.width > 1 && box.height > 1;
  };
  /* Text for screen readers stands in a box of one pixel. */
  const isForEars = element => element.closest('.visually-hidden, .skip') !== null;
  const scrollsInside = (element, box) => {
    for (let up = element.parentElement; up && up !== box.parentElement; up = up.parentElement) {
      if (style(up).overflowX !== 'visible') return true;
    }
    return false;
  };

  const frame = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  /* What the page does about a new width, it does before the next frame. */
  await frame();

  /* ---- width ---- */
  if (root.scrollWidth > root.clientWidth) {
    const widest = all('body *').filter(isShown).filter(e => !scrollsInside(e, document.body))
      .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0];
    say(`scrolls sideways (${root.scrollWidth} in ${root.clientWidth})`, widest);
  }
  /* Only what can be seen: text, pictures and controls. A row of buttons may reach over the edge
     with its empty margin. */
  const isContent = element => /^(INPUT|SELECT|TEXTAREA|BUTTON|IMG|SVG|TABLE|HR)$/i.test(element.tagName) ||
    Array.from(element.childNodes).some(node => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim());
  const BOXES = '.card, .kpi, .notice, .error-summary, .qbar, .toolbar, .page-head, dialog[open], .menu__list, .confirm__panel';
  for (const box of all(BOXES).filter(isShown)) {
    const edge = box.getBoundingClientRect();
    const over = all('*', box).find(inner => {
      if (inner.ownerSVGElement || !isContent(inner) || !isShown(inner) || isForEars(inner)) return false;
      if (['absolute', 'fixed'].includes(style(inner).position) || inner.closest('.menu__list, .confirm__panel, .combo__list') !== box.closest('.menu__list, .confirm__panel, .combo__list')) return false;
      const place = inner.getBoundingClientRect();
      const sticksOut = place.right > edge.right + 1 || place.left < edge.left - 1 || place.bottom > edge.bottom + 1;
      return sticksOut && !scrollsInside(inner, box);
    });
    if (over) say(`sticks out of its ${box.classList[0] || 'box'}`, over);
  }
  if (layoutOnly) return Array.from(found);

  /* ---- words ---- */
  const text = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeValue.trim() && !node.parentElement.closest('script, style, template, code')) text.push(node);
  }
  const known = new Set(allowed);
  const judgeWords = (words, element) => {
    for (const run of words.match(/[A-Za-z0-9_&+./@*-]*[A-Za-z][A-Za-z0-9_&+./@*-]*/g) || []) {
      const word = run.replace(/^[-./*+]+|[-./*+]+$/g, '');
      if (word.length > 1 && !/[0-9@]/.test(word) && !known.has(word)) say(`English “${word}”`, element);
    }
    const half = words.match(/[\u4e00-\u9fff][,;:!?](?![0-9])|[\u4e00-\u9fff]\([^)]*[\u4e00-\u9fff]/);
    if (half) say(`half-width punctuation “${half[0]}”`, element);
  };
  text.forEach(node => judgeWords(node.nodeValue, node.parentElement));
  for (const name of ['placeholder', 'title', 'aria-label', 'alt']) {
    all(`[${name}]`).forEach(element => judgeWords(element.getAttribute(name), element));
  }
  judgeWords(document.title);

  /* ---- size ---- */
  for (const node of text) {
    const element = node.parentElement;
    if (!isShown(element) || isForEars(element)) continue;
    const svg = element.ownerSVGElement ? element.getScreenCTM() : null;
    const size = parseFloat(style(element).fontSize) * (svg ? Math.hypot(svg.a, svg.b) : 1);
    if (size < smallest - 0.05) say(`text of ${size.toFixed(1)} px`, element);
  }

  /* ---- text at the very edge of its card ---- */
  const range = document.createRange();
  for (const node of text) {
    const box = node.parentElement.closest('.card, .kpi, .menu__list, .confirm__panel, dialog');
    if (!box || !isShown(node.parentElement) || isForEars(node.parentElement) || node.parentElement.closest('svg')) continue;
    if (scrollsInside(node.parentElement, box)) continue;
    range.selectNodeContents(node);
    const place = range.getBoundingClientRect();
    const edge = box.getBoundingClientRect();
    if (place.width > 1 && (place.left < edge.left + 6 || place.right > edge.right - 4)) say('text at the edge of its card', node.parentElement);
  }

  /* ---- text that is cut off ---- */
  for (const element of new Set(text.map(node => node.parentElement))) {
    if (!isShown(element) || isForEars(element) || element.closest('svg, select, textarea')) continue;
    const looks = style(element);
    if (looks.overflowX !== 'hidden' && looks.overflowX !== 'clip') continue;
    if (element.scrollWidth <= element.clientWidth + 1 || looks.display === 'inline') continue;
    if (looks.textOverflow !== 'ellipsis') say('text cut off', element);
    else if (!element.closest('[title]') && !element.querySelector('[title]')) say('shortened text without a title', element);
  }

  const pen = document.createElement('canvas').getContext('2d');
  for (const field of all('select:not([multiple])').filter(isShown)) {
    const looks = style(field);
    pen.font = `${looks.fontWeight} ${looks.fontSize} ${looks.fontFamily}`;
    const room = field.clientWidth - parseFloat(looks.paddingLeft) - parseFloat(looks.paddingRight);
    const words = field.selectedOptions[0] ? field.selectedOptions[0].text.trim() : '';
    if (pen.measureText(words).width > room + 1) say(`“${words}” does not fit its list`, field);
  }

  /* ---- charts ---- */
  for (const chart of all('svg.chart').filter(isShown)) {
    const edge = chart.getBoundingClientRect();
    const labels = all('text', chart).filter(isShown).map(label => ({ label, place: label.getBoundingClientRect() }));
    labels.forEach(({ label, place }, index) => {
      if (place.left < edge.left - 1 || place.right > edge.right + 1) say('label cut off by its chart', label);
      for (const other of labels.slice(index + 1)) {
        const across = Math.min(place.right, other.place.right) - Math.max(place.left, other.place.left);
        const down = Math.min(place.bottom, other.place.bottom) - Math.max(place.top, other.place.top);
        if (across > 2 && down > 5) say(`label over “${other.label.textContent.trim()}”`, label);
      }
    });
  }

  /* ---- the page as a whole ---- */
  const heads = all('main h1').filter(isShown);
  if (heads.length !== 1) say(`${heads.length} headings h1`);
  if (document.querySelector('main').innerText.trim().length < 12) say('an empty page');
  for (const area of all('.card, .page-head, .record-head, dialog')) {
    const primary = all('.btn-primary', area).filter(isShown).filter(b => b.closest('.card, .page-head, .record-head, dialog') === area);
    if (primary.length > 1) say(`${primary.length} primary buttons in one area`, area);
  }

  /* ---- menus and confirmations, opened one after the other ---- */
  const opened = document.querySelector('dialog[open], details.menu[open], details.confirm[open]');
  const boxes = opened ? [] : all('details.menu, details.confirm')
    .filter(box => isShown(box) && !box.querySelector('summary.disabled'));
  for (const box of boxes.length > 6 ? [...boxes.slice(0, 4), ...boxes.slice(-2)] : boxes) {
    box.open = true;
    await frame();
    const panel = box.querySelector('.menu__list, .confirm__panel');
    const place = panel ? panel.getBoundingClientRect() : null;
    if (!place || place.width < 1) say('a menu that does not open', box);
    else {
      if (place.left < 0 || place.right > root.clientWidth) say('a menu that leaves the window', box);
      const spot = document.elementFromPoint(place.left + place.width / 2, Math.min(place.top + 8, window.innerHeight - 2));
      if (place.top >= 0 && place.top < window.innerHeight - 2 && !panel.contains(spot)) say('a menu that is covered', box);
    }
    box.open = false;
  }
  return Array.from(found);
}
