// A part of Clickstead's tracker, which the server's answer to a page view names where the site records clicks on that page and
// the visit is in the sample: sends those sites what was clicked, and tells the tracker how far the page was read. Never what
// was typed, and nothing of an element that is `data-private` or within one. `clicky_custom.heatmap_disable` turns it off.
//
// A rage click is the third of several within a second and 30 pixels, unless these select a text; a dead click one after which,
// for a second, nothing changed on the page, nothing scrolled and no other page came.
try { (() => {
  'use strict';

  const QUICK_MS = 1000;
  const NEAR_PX = 30;
  const DRAWN_PX = 5;
  const CLICKS_SENT = 20; // So many are sent at once, others every half minute and when the page is hidden.
  const SEND_MS = 30000;
  const MEASURE_MS = 1000;
  const SELECTOR_LENGTH_MAX = 200;
  const TEXT_LENGTH_MAX = 60;
  const SIDE = 10000; // The parts of an element's width and height.
  const DEPTH = 1000; // The parts of a page's height.
  const RAGE = 1;
  const DEAD = 2;
  // What clicks are for: whatever follows may take longer than a second, or happen elsewhere.
  const ACTS = 'a[href]:not([href^="#"],[href^="javascript:"],[href=""]),area[href],input,select,textarea,option,label,'
    + 'video,audio,iframe,[contenteditable]';
  // What has a text that the page wrote: no text that a visitor may have written.
  const TOLD = 'a,button,[role=button],[role=tab],[role=menuitem],summary,h1,h2,h3,h4,h5,h6,img[alt]';
  const TYPED = 'input,textarea,select,option,[contenteditable],[role=textbox],[role=combobox],[role=log]';
  const PERSONAL = /@|\d{4}/; // Addresses and numbers of people.

  const { clicky } = window;

  const safe = (act) => (...given) => {
    try {
      return act(...given);
    } catch (_) {}
  };

  const on = (target, event, act) => target.addEventListener(event, safe(act), true);

  let withdrawn = false; // Whether the visitor took their consent back.

  // Whether nothing is to be recorded: because the page says so, its visitor, or because it is a later one that is not chosen.
  const isOff = () => withdrawn || safe(() => clicky_custom.heatmap_disable)() || clicky['/heatmap.js'] != clicky.view;

  // ---- What was clicked -----------------------------------------------------------------------------------------

  // An id that was given by a person: one with a number may be another on the next visit.
  const isLasting = (id) => /^[a-z][a-z_-]*\d?$/i.test(id);

  const step = (element) => {
    const name = CSS.escape(element.localName);
    const alike = [...element.parentNode.children].filter((other) => other.localName == element.localName);
    return alike.length > 1 ? name + ':nth-of-type(' + (alike.indexOf(element) + 1) + ')' : name;
  };

  // The way to an element: from the nearest id, or the body, step by step; through a shadow root with ` >>> `.
  const selectorOf = (element) => {
    const root = element.getRootNode();
    const steps = [];
    for (let node = element; node && node.nodeType == 1; node = node.parentElement) {
      if (isLasting(node.id) && root.querySelectorAll('#' + node.id).length == 1) {
        steps.unshift('#' + node.id);
        break;
      }
      const isTop = node == document.body || node == document.documentElement;
      steps.unshift(isTop ? node.localName : step(node));
      if (isTop) break;
    }
    const before = root.host ? selectorOf(root.host) + ' >>> ' : '';
    // A long way begins further down.
    while (steps.length > 1 && (before + steps.join(' > ')).length > SELECTOR_LENGTH_MAX) steps.shift();
    return before + steps.join(' > ');
  };

  // What a link, a button or a heading reads, never what was typed.
  const textOf = (path) => {
    const told = path.find((node) => node.matches(TOLD));
    if (!told || path.some((node) => node.matches(TYPED)) || told.querySelector(TYPED + ',[data-private]')) return '';
    const image = told.matches('img') ? told : told.querySelector('img[alt]');
    const text = told.textContent.trim() || told.getAttribute('aria-label') || image && image.alt || '';
    return PERSONAL.test(text) ? '' : text.replace(/\s+/g, ' ').slice(0, TEXT_LENGTH_MAX);
  };

  // ---- Rage and dead clicks -------------------------------------------------------------------------------------

  let burst = []; // The clicks that follow each other quickly in one place.

  const selection = safe(() => String(getSelection()).trim());

  // Whether the selection begins in an element, or in the text around it; it may end where the next one begins.
  const isSelected = safe((element) => {
    const { parentElement } = getSelection().anchorNode;
    return element.contains(parentElement) || parentElement.contains(element);
  });

  const isRage = ({ clientX, clientY, detail, target }) => {
    const now = performance.now();
    const isNear = (click) => now - click.at <= QUICK_MS && Math.hypot(clientX - click.x, clientY - click.y) <= NEAR_PX;
    if (!burst.every((click) => Math.hypot(clientX - click.x, clientY - click.y) <= NEAR_PX)
      || burst.length && !isNear(burst[burst.length - 1])) burst = [];
    const isTold = burst.isTold;
    burst.push({ at: now, x: clientX, y: clientY });
    // The third click on a text selects its paragraph.
    const selectsHere = detail == 3 && selection() && isSelected(target);
    const quick = burst.filter(isNear).length > (selectsHere ? 3 : 2);
    if (quick) burst.isTold = true;
    return quick && !isTold;
  };

  // ---- What waits and what is sent ------------------------------------------------------------------------------

  let judged = []; // Clicks that wait to be sent, all of one page: {page, fields}
  const undecided = new Set(); // The functions that decide on clicks of the last second.

  const send = () => {
    const pages = [...new Set(judged.map((click) => click.page))];
    const all = judged;
    judged = [];
    pages.forEach((page) => clicky.send('heatmap', {
      href: page,
      'click[]': all.filter((click) => click.page == page).map((click) => click.fields.join('|')),
    }, '/heatmap.js'));
  };

  // Waits for a second for what a click does, then lets it wait to be sent.
  const judge = (click, roots, acts) => {
    let alive = acts;
    const live = (event) => {
      if (!event || event.type != 'blur' || event.target == window) alive = true;
    };
    const observer = new MutationObserver(live);
    roots.forEach(safe((root) => observer.observe(
      root, { subtree: true, childList: true, attributes: true, characterData: true },
    )));
    const signs = ['scroll', 'popstate', 'hashchange', 'blur', 'submit', 'beforeunload'];
    signs.forEach((sign) => addEventListener(sign, live, true));
    const here = location.href;
    const decide = safe(() => {
      clearTimeout(timer);
      undecided.delete(decide);
      observer.disconnect();
      signs.forEach((sign) => removeEventListener(sign, live, true));
      if (!alive && here == location.href) click.fields[5] |= DEAD;
      if (!withdrawn) judged.push(click);
      if (judged.length >= CLICKS_SENT) send();
    });
    const timer = setTimeout(decide, QUICK_MS);
    undecided.add(decide);
    decide.live = live;
  };

  let pressed = {};

  // Whether the mouse was drawn over a text; a double click selects a word, too.
  const selects = safe((event) => Math.hypot(event.pageX - pressed.pageX, event.pageY - pressed.pageY) > DRAWN_PX
    && selection());

  const clicked = (event) => {
    // Neither a script's click nor one of the keyboard has a place.
    if (!event.isTrusted || !event.detail || !clicky.view || isOff()) return;
    const path = event.composedPath().filter((node) => node.nodeType == 1);
    if (!path.length || path.some((node) => node.hasAttribute('data-private'))) return;
    const [element] = path;
    const box = element.getBoundingClientRect();
    const selector = selectorOf(element);
    // An element without a box of its own is clicked in its middle.
    const within = (place, side) => side ? Math.min(Math.max(Math.round(place / side * SIDE), 0), SIDE) : SIDE / 2;
    const roots = new Set(path.map((node) => node.getRootNode()));
    judge({
      page: clicky.view,
      fields: [
        Math.max(Math.round(event.pageX), 0), Math.max(Math.round(event.pageY), 0), innerWidth,
        within(event.clientX - box.left, box.width), within(event.clientY - box.top, box.height),
        isRage(event) ? RAGE : 0, selector.replace(/\|/g, ' '), textOf(path),
      ],
    }, roots, path.some((node) => node.matches(ACTS)) || selects(event));
  };

  // ---- How far the page was read --------------------------------------------------------------------------------

  let view; // The page whose depth is measured, by the name of its view …
  let address; // … and by its address: an application changes that first, then the page, and then tells of a new view.
  let deepest; // The deepest point of the page that was seen, in pixels.

  const addressNow = () => location.href.split('#')[0];

  const measureDepth = () => {
    if (clicky.view != view) {
      ({ view } = clicky);
      address = addressNow();
      deepest = 0;
    }
    if (isOff() || document.visibilityState != 'visible' || address != addressNow()) return;
    const { scrollHeight } = document.documentElement;
    deepest = Math.max(deepest, scrollY + innerHeight);
    // Zoomed pages end between two pixels.
    clicky.depth = deepest >= scrollHeight - 2 ? DEPTH : Math.round(deepest / scrollHeight * DEPTH);
  };

  // A page that is hidden may never be seen again: what a click of the last second did is not known then.
  const sendAll = () => {
    undecided.forEach((decide) => {
      decide.live();
      decide();
    });
    send();
  };

  const { consent } = clicky;
  clicky.consent = safe((agrees) => {
    withdrawn = agrees === false;
    if (withdrawn) {
      judged = [];
      clicky.depth = '';
    }
    return consent(agrees);
  });

  on(window, 'pointerdown', (event) => { pressed = event; });
  on(window, 'click', clicked);
  on(window, 'scroll', measureDepth);
  on(window, 'resize', measureDepth);
  on(window, 'load', measureDepth);
  on(document, 'visibilitychange', () => document.visibilityState == 'hidden' ? sendAll() : measureDepth());
  on(window, 'pagehide', sendAll);
  setInterval(safe(send), SEND_MS);
  // A page may grow, or give way to another one of the application, without being scrolled.
  setInterval(safe(measureDepth), MEASURE_MS);
  if (document.readyState == 'complete') measureDepth();
})(); } catch (_) {}
