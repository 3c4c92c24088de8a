// A part of Clickstead's tracker, which loads it on a page that was opened by “Open on page”: shows the heatmap of the page
// over it, until it is closed or the page is left. The library `simpleheat` stands in front of it.
//
// It asks our server alone, with the token that the tracker took out of the address and that nothing else keeps. It draws into
// a shadow root of its own, beside the page's body, with style sheets that are no elements: neither the page's styles nor a
// content security policy without `unsafe-inline` get in its way, and selectors of elements mean the same as without it.
//
// Clicks are drawn where the clicked element is now, so that they fit the page at any width; those of which no element is known
// at their place from the page's middle, in windows of the same class.
try { (() => {
  'use strict';

  const { clicky } = window;
  const { origin } = new URL(document.currentScript.src);
  const token = clicky.heatmap;
  delete clicky.heatmap;
  if (!token) return;

  const SIDE = 10000; // The parts of an element's width and height.
  const CLASSES = [768, 1100]; // The widths at which windows of another class begin.
  const RADIUS = 16;
  const BLUR = 12;
  const FEW = 3; // So many clicks in one place have the color of many, unless another place has more.
  const LABEL_HEIGHT = 18;
  const REDRAW_MS = 500; // Pages move without a scroll or a change of the window.
  const STYLE = `
    :host { all: initial; }
    canvas { position: fixed; inset: 0; z-index: 2147483646; pointer-events: none; }
    .bar, .bar * { box-sizing: border-box; font: 14px/1.4 system-ui, sans-serif; letter-spacing: normal; }
    .bar {
      --back: #fff; --ink: #1c2430; --quiet: #5b6573; --line: #d3d9e0; --key: #1d5fd1; --on-key: #fff;
      position: fixed; inset: 0 0 auto; z-index: 2147483647; display: flex; flex-wrap: wrap; align-items: center;
      gap: 8px 12px; padding: 8px 12px; color: var(--ink); background: var(--back);
      border-bottom: 1px solid var(--line); box-shadow: 0 2px 10px #0003; color-scheme: light;
    }
    @media (prefers-color-scheme: dark) {
      .bar { --back: #1b212b; --ink: #e8ecf1; --quiet: #a5afbc; --line: #3a4452; --key: #7db0ff; --on-key: #10151d;
        color-scheme: dark; }
    }
    .bar.is-folded { left: auto; border-radius: 0 0 0 8px; }
    .bar.is-folded > :not(.ends), .bar.is-folded .legend { display: none; }
    .bar b { font-weight: 600; }
    .views { display: inline-flex; }
    button, select {
      min-height: 32px; padding: 4px 10px; color: inherit; background: var(--back); border: 1px solid var(--line);
      border-radius: 6px; cursor: pointer; max-width: 100%;
    }
    .views button { border-radius: 0; margin-left: -1px; }
    .views button:first-child { border-radius: 6px 0 0 6px; margin: 0; }
    .views button:last-child { border-radius: 0 6px 6px 0; }
    .views [aria-pressed=true] { color: var(--on-key); background: var(--key); border-color: var(--key); }
    :focus-visible { outline: 2px solid var(--key); outline-offset: 2px; }
    label { display: inline-flex; align-items: center; gap: 6px; }
    input { width: 16px; height: 16px; margin: 0; accent-color: var(--key); }
    .said { flex: 1 1 200px; color: var(--quiet); }
    .said.is-problem { color: var(--ink); font-weight: 600; }
    .legend { display: inline-flex; align-items: center; gap: 6px; color: var(--quiet); }
    .legend i { width: 72px; height: 8px; border-radius: 4px; background: linear-gradient(90deg, blue, cyan, lime, yellow, red); }
    .ends { display: inline-flex; gap: 8px; margin-left: auto; }
    @media (max-width: 600px) {
      .bar > b, .legend { display: none; }
      .bar { gap: 8px; }
      button { padding: 4px 8px; }
      select { max-width: 46vw; }
      .ends { order: 1; }
      select, label { order: 2; }
      .said { flex-basis: 100%; order: 3; }
    }
  `;

  const safe = (act) => (...given) => {
    try {
      return act(...given);
    } catch (_) {}
  };

  const make = (name, fields = {}, ...inside) => {
    const node = document.createElement(name);
    for (const field in fields) {
      if (/^(aria|role)/.test(field)) node.setAttribute(field, fields[field]);
      else node[field] = fields[field];
    }
    node.append(...inside);
    return node;
  };

  const count = (number, one, many) => `${number.toLocaleString('en-US')} ${number == 1 ? one : many}`;
  const percent = (part, whole) => `${whole ? Math.round(part / whole * 100) : 0} %`;

  // What tells this page from others: a fragment does so only where it is the route of an application.
  const pageNow = () => location.href.replace(/#(?![!/]).*/, '');
  const page = pageNow();

  // ---- The bar --------------------------------------------------------------------------------------------------

  const host = document.createElement('clickstead-heatmap');
  const root = host.attachShadow({ mode: 'open' });
  const canvas = make('canvas', { 'aria-hidden': 'true' });
  const pen = canvas.getContext('2d');
  const heat = document.createElement('canvas');
  const said = make('span', { className: 'said', role: 'status' });
  const bar = make('div', { className: 'bar', role: 'region', 'aria-label': 'Heatmap of this page' });
  const device = make('select', { 'aria-label': 'Device' });
  const date = make('select', { 'aria-label': 'Period' });
  const filtered = make('input', { type: 'checkbox' });
  const filter = make('label', { hidden: true }, filtered, 'Filtered');
  const views = make('div', { className: 'views', role: 'group', 'aria-label': 'What is shown' });
  const legend = make('span', { className: 'legend' }, 'few', make('i'), 'many');

  const VIEWS = { clicks: 'Clicks', depth: 'Scroll depth', elements: 'Elements' };
  let view = 'clicks';
  let found; // The numbers; nothing before the first answer.
  let elements = []; // The clicked elements that are on the page: {node, clicks, rage, dead, points}
  let missing = []; // Those that are not.
  let most = 1; // The clicks in the place that has most.
  let problem = '';
  let pointer = {};

  const tell = () => {
    let text = problem;
    if (!text && pageNow() != page) text = 'You are on another page now. Open its heatmap from there.';
    const isProblem = !!text;
    if (!text && !found) text = 'Loading…';
    if (!text && view == 'depth') {
      text = found.measured
        ? `Measured in ${count(found.measured, 'visit', 'visits')}, ${Math.round(found.depth / 10)} % of the page on average`
        : 'No scroll depth was measured in this period.';
    } else if (!text) {
      text = found.clicks
        ? `${count(found.clicks, 'click', 'clicks')} in ${count(found.visits, 'visit', 'visits')}`
          + ` · ${found.rage.toLocaleString('en-US')} rage · ${found.dead.toLocaleString('en-US')} dead`
        : 'No clicks in this period.';
      const lost = missing.reduce((sum, element) => sum + element.clicks, 0);
      if (lost) text += ` · ${count(lost, 'click', 'clicks')} on elements that aren’t on the page now`;
    }
    if (said.textContent != text) said.textContent = text;
    said.classList.toggle('is-problem', isProblem);
  };

  const show = (name) => {
    view = name;
    [...views.children].forEach((button) => { button.setAttribute('aria-pressed', button.value == name); });
    legend.hidden = name != 'clicks';
    legend.style.display = legend.hidden ? 'none' : '';
    redraw();
  };

  // ---- Elements and places --------------------------------------------------------------------------------------

  // The only element that a selector means now; nothing where it means none or several.
  const find = safe((selector) => {
    let within = document;
    let node;
    for (const part of selector.split(' >>> ')) {
      const all = within.querySelectorAll(part);
      if (all.length != 1) return;
      [node] = all;
      within = node.shadowRoot;
    }
    return node;
  });

  const boxOf = (node) => {
    const box = node.getBoundingClientRect();
    return box.width && box.height ? box : null;
  };

  const classOf = (width) => CLASSES.filter((least) => width >= least).length;

  // Every place of clicks in the window: [x, y, clicks].
  const places = () => {
    const width = document.documentElement.clientWidth;
    const all = [];
    elements.forEach(({ node, points }) => {
      const box = boxOf(node);
      if (box) points.forEach(([x, y, clicks]) => all.push(
        [box.left + x / SIDE * box.width, box.top + y / SIDE * box.height, clicks],
      ));
    });
    found.points.forEach(([x, y, from, clicks]) => {
      if (from && classOf(from) != classOf(width)) return;
      all.push([x + (from ? (width - from) / 2 : 0) - scrollX, y - scrollY, clicks]);
    });
    return all;
  };

  // Looks the elements up, and counts what the hottest place of the whole page has.
  const measure = () => {
    const all = found.elements.map((element) => ({ ...element, node: find(element.selector) }));
    elements = all.filter(({ node }) => node && boxOf(node));
    missing = all.filter(({ node }) => !node || !boxOf(node));
    const cells = new Map();
    places().forEach(([x, y, clicks]) => {
      const cell = Math.round(x / RADIUS) + ' ' + Math.round(y / RADIUS);
      cells.set(cell, (cells.get(cell) || 0) + clicks);
    });
    most = Math.max(FEW, ...cells.values());
  };

  // ---- Drawing --------------------------------------------------------------------------------------------------

  const label = (text, x, y, color) => {
    pen.font = '12px system-ui, sans-serif';
    const width = pen.measureText(text).width + 10;
    const left = Math.max(Math.min(x, canvas.clientWidth - width), 0);
    pen.fillStyle = color;
    pen.fillRect(left, y, width, LABEL_HEIGHT);
    pen.fillStyle = '#fff';
    pen.fillText(text, left + 5, y + 13);
  };

  const drawClicks = (width, height) => {
    heat.width = width;
    heat.height = height;
    const reach = RADIUS + BLUR;
    const near = places().filter(([x, y]) => x > -reach && y > -reach && x < width + reach && y < height + reach);
    simpleheat(heat).radius(RADIUS, BLUR).max(most).data(near).draw(0.15);
    pen.globalAlpha = 0.8;
    pen.drawImage(heat, 0, 0);
    pen.globalAlpha = 1;
  };

  const reachedAt = (share) => found.reached[Math.min(Math.floor(share * (found.reached.length - 1)), found.reached.length - 1)];

  const drawDepth = (width, height) => {
    if (!found.measured) return;
    const whole = document.documentElement.scrollHeight;
    const steps = found.reached.length - 1;
    const color = (reached) => `hsla(${240 - 240 * reached / found.measured}, 90%, 50%, 0.4)`;
    const fill = pen.createLinearGradient(0, -scrollY, 0, whole - scrollY);
    found.reached.forEach((reached, step) => fill.addColorStop(step / steps, color(reached)));
    pen.fillStyle = fill;
    pen.fillRect(0, 0, width, height);
    for (let step = 2; step <= steps; step += 2) {
      const y = Math.min(whole * step / steps, whole - 1) - scrollY;
      if (y < 0 || y > height) continue;
      pen.fillStyle = '#fffc';
      pen.fillRect(0, y, width, 1);
      label(`${percent(found.reached[step], found.measured)} came this far`, width, y - LABEL_HEIGHT, '#1c2430');
    }
    if (pointer.y > 0) {
      pen.fillStyle = '#000';
      pen.fillRect(0, pointer.y, width, 1);
      const reached = reachedAt((pointer.y + scrollY) / whole);
      label(`${percent(reached, found.measured)} saw this line`, 8, pointer.y - LABEL_HEIGHT, '#000');
    }
  };

  const drawElements = (width, height) => {
    const highest = Math.max(1, ...elements.map((element) => element.clicks));
    // Those with most clicks last, so that their numbers can be read.
    const drawn = elements.map((element) => ({ ...element, box: boxOf(element.node) })).reverse().filter(
      ({ box }) => box && box.bottom > 0 && box.top < height && box.right > 0 && box.left < width,
    );
    drawn.forEach(({ box, clicks }) => {
      pen.fillStyle = `hsla(${240 - 240 * clicks / highest}, 90%, 50%, 0.25)`;
      pen.fillRect(box.left, box.top, box.width, box.height);
      pen.strokeStyle = '#1d5fd1';
      pen.strokeRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1);
    });
    drawn.forEach(({ box, clicks, rage, dead }) => {
      const isMeant = pointer.x >= box.left && pointer.x <= box.right && pointer.y >= box.top && pointer.y <= box.bottom;
      const more = isMeant ? ` · ${rage.toLocaleString('en-US')} rage · ${dead.toLocaleString('en-US')} dead` : '';
      const above = box.top - LABEL_HEIGHT;
      label(
        `${clicks.toLocaleString('en-US')} · ${percent(clicks, found.clicks)}${more}`, box.left, above < 0 ? Math.max(box.top, 0) : above,
        isMeant ? '#000' : '#1d5fd1',
      );
    });
  };

  let due;

  const draw = safe(() => {
    due = 0;
    const width = document.documentElement.clientWidth;
    const height = innerHeight;
    const scale = devicePixelRatio || 1;
    Object.assign(canvas, { width: width * scale, height: height * scale });
    Object.assign(canvas.style, { width: width + 'px', height: height + 'px' });
    pen.scale(scale, scale);
    if (found && pageNow() == page) ({ clicks: drawClicks, depth: drawDepth, elements: drawElements })[view](width, height);
    tell();
  });

  const redraw = () => { due = due || requestAnimationFrame(draw); };

  // ---- Questions ------------------------------------------------------------------------------------------------

  let asked = 0;

  const choices = (select, all, chosen) => select.replaceChildren(
    ...all.map(([value, text]) => make('option', { value, selected: value == chosen }, text)),
  );

  const answered = async (number, reply) => {
    const isPlain = (reply.headers.get('Content-Type') || '').startsWith('text/plain');
    const body = reply.ok ? await reply.json() : '';
    const sentence = reply.ok || !isPlain ? 'The server did not answer as it should. Try again later.' : await reply.text();
    if (number != asked) return;
    problem = reply.ok ? '' : sentence;
    if (reply.ok) {
      found = body;
      choices(device, body.choices.device, body.chosen.device);
      choices(date, body.choices.date, body.chosen.date);
      date.title = body.chosen.days;
      filter.hidden = !body.choices.filtered;
      filter.style.display = filter.hidden ? 'none' : '';
      filtered.checked = body.chosen.filtered;
      measure();
    }
    redraw();
  };

  const ask = (choice) => {
    const number = ++asked;
    fetch(origin + '/heatmap-overlay', {
      method: 'POST', mode: 'cors', credentials: 'omit', body: new URLSearchParams({ token, ...choice }),
    }).then((reply) => answered(number, reply)).catch(() => {
      problem = 'The server can’t be reached. Try again later.';
      redraw();
    });
  };

  const choose = safe(() => ask({ device: device.value, date: date.value, filtered: filtered.checked ? '1' : '0' }));

  // ---- Begin ----------------------------------------------------------------------------------------------------

  const watched = new AbortController();
  const on = (target, event, act) => target.addEventListener(event, safe(act), { capture: true, passive: true, signal: watched.signal });

  Object.keys(VIEWS).forEach((name) => views.append(
    make('button', { type: 'button', value: name, onclick: () => show(name) }, VIEWS[name]),
  ));
  const fold = make('button', { type: 'button', 'aria-expanded': 'true', title: 'Fold this bar' }, 'Fold');
  fold.onclick = () => {
    const isFolded = bar.classList.toggle('is-folded');
    fold.setAttribute('aria-expanded', !isFolded);
    fold.textContent = isFolded ? 'Heatmap' : 'Fold';
  };
  const close = make('button', { type: 'button', title: 'Take the heatmap away' }, 'Close');
  const timer = setInterval(safe(() => {
    if (document.hidden) return;
    // An application may have drawn its page anew.
    if (found && !elements.every(({ node }) => node.isConnected) || missing.some(({ selector }) => find(selector))) measure();
    redraw();
  }), REDRAW_MS);
  close.onclick = () => {
    clearInterval(timer);
    watched.abort();
    host.remove();
  };
  [device, date, filtered].forEach((field) => { field.onchange = choose; });
  bar.append(
    make('b', {}, 'Heatmap'), views, device, date, filter, said, legend,
    make('span', { className: 'ends' }, fold, close),
  );
  root.append(canvas, bar);
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } catch (_) {
    root.append(make('style', {}, STYLE));
  }
  // Keys and clicks in the bar are none of the page's.
  ['click', 'keydown', 'keyup', 'keypress', 'pointerdown', 'mousedown'].forEach((event) => {
    bar.addEventListener(event, (happened) => happened.stopPropagation());
  });
  on(window, 'scroll', redraw);
  on(window, 'resize', () => {
    if (found) measure();
    redraw();
  });
  on(window, 'pointermove', (event) => {
    pointer = { x: event.clientX, y: event.clientY };
    if (view != 'clicks') redraw();
  });

  const begin = () => {
    document.documentElement.append(host);
    show('clicks');
    ask({});
  };

  if (document.readyState == 'complete') begin();
  else on(window, 'load', begin);
})(); } catch (_) {}
