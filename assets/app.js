// What the screens do beyond links and forms: look, copying, dates as the person writes them, keys, live lines.
// Every screen works without it.
(() => {
  'use strict';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const root = document.documentElement;
  const zone = root.dataset.timeZone;

  for (const element of all('[data-needs-script], [data-copy]')) element.hidden = false;

  // Look
  for (const button of all('[data-theme-choice]')) {
    button.addEventListener('click', () => {
      const theme = button.dataset.themeChoice;
      const secure = location.protocol === 'https:' ? ';Secure' : '';
      document.cookie = `theme=${theme};path=/;max-age=31536000;SameSite=Lax${secure}`;
      root.dataset.theme = theme;
      for (const other of all('[data-theme-choice]')) other.setAttribute('aria-pressed', String(other === button));
    });
  }

  // Copying
  for (const button of all('[data-copy]')) {
    button.addEventListener('click', async () => {
      const source = document.getElementById(button.dataset.copy);
      let outcome = 'Copied';
      try {
        await navigator.clipboard.writeText(source.textContent.trim());
      } catch {
        // Without HTTPS there is no clipboard: the text is selected, ready for the keys.
        getSelection().selectAllChildren(source);
        outcome = 'Selected';
      }
      button.textContent = outcome;
      setTimeout(() => { button.textContent = 'Copy'; }, 1500);
    });
  }

  // Dates and times as the person's own language writes them, in the site's zone
  const styles = {
    seconds: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
    short: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
    full: { dateStyle: 'long', timeStyle: 'short' },
  };
  const writers = new Map();
  const writer = (style) => {
    if (!writers.has(style)) writers.set(style, new Intl.DateTimeFormat(undefined, { ...styles[style], timeZone: zone }));
    return writers.get(style);
  };
  const localize = (within) => {
    for (const time of all('time[data-style]', within)) {
      try {
        time.textContent = writer(time.dataset.style).format(new Date(time.dateTime));
      } catch {
        // A zone that this browser does not know: the server's text stays.
      }
    }
  };
  localize(document);

  // The browser's own zone, where none was chosen
  const guess = one('select[data-guess]');
  if (guess) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...guess.options].some((option) => option.value === own)) guess.value = own;
  }

  // Menus close when something else is used
  document.addEventListener('click', (event) => {
    for (const menu of all('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  for (const input of all('[data-filter]')) {
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLowerCase();
      for (const item of document.getElementById(input.dataset.filter).children) {
        item.hidden = !item.textContent.toLowerCase().includes(wanted);
      }
    });
  }

  // A range by two days is one parameter, as everywhere
  for (const form of all('form[data-range]')) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const [from, to] = [form.elements.from.value, form.elements.to.value].sort();
      location.href = `${form.getAttribute('action')}?date=${from === to ? from : `${from},${to}`}`;
    });
  }

  // Keys
  let goes = -Infinity;
  const shortcuts = one('#shortcuts');
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') for (const menu of all('details.menu[open]')) menu.open = false;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
    const site = one('.side a');
    if (event.timeStamp - goes < 1000 && site) {
      const place = { s: 'spy', v: 'visitors' }[event.key];
      if (place) location.href = site.getAttribute('href').replace(/[^/]+$/, place);
    }
    goes = event.key === 'g' ? event.timeStamp : -Infinity;
    if (event.key === '[' || event.key === ']') one(`a[data-key="${event.key}"]`)?.click();
    if (event.key === '?' && shortcuts) shortcuts.showModal();
  });

  // How many are online
  const online = one('[data-online]');
  if (online) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const reply = await fetch(online.dataset.online, { headers: { Accept: 'application/json' } });
        if (!reply.ok) return;
        const count = (await reply.json()).online;
        one('[data-number]', online).textContent = count < 10000 ? count.toLocaleString('en') : `${Math.floor(count / 100) / 10}k`;
        one('.dot', online).classList.toggle('on', count > 0);
      } catch {
        // The next turn asks again.
      }
    }, 10000);
  }

  // Parts that live on: drawn afresh by the server every ten seconds, unless somebody is using them or has scrolled away
  const parts = all('[data-refresh]');
  if (parts.length) {
    const inUse = (part) => part.contains(document.activeElement) || part.contains(getSelection().anchorNode) || part.getBoundingClientRect().top < 0;
    setInterval(async () => {
      if (document.hidden || parts.every(inUse)) return;
      try {
        const reply = await fetch(location.href);
        if (!reply.ok || reply.redirected) return;
        const fresh = new DOMParser().parseFromString(await reply.text(), 'text/html');
        for (const part of parts) {
          const drawn = fresh.getElementById(part.id);
          if (!drawn || inUse(part)) continue;
          localize(drawn);
          if (drawn.innerHTML !== part.innerHTML) part.replaceChildren(...drawn.childNodes);
        }
      } catch {
        // The next turn asks again.
      }
    }, 10000);
  }

  // A line of the stream, as the server drew it
  const drawn = (html) => {
    const template = document.createElement('template');
    template.innerHTML = html;
    const line = template.content.firstElementChild;
    localize(line);
    return line;
  };

  // Spy
  const spy = one('#spy');
  if (spy) {
    const [state, pause] = [one('#live-state'), one('#live-pause')];
    const linesMax = Number(spy.dataset.linesMax);
    const known = new Set(all('li', spy).map((line) => line.dataset.key));
    let held = [];
    let paused = false;
    const say = (text, lost = false) => {
      one('[data-text]', state).textContent = text;
      state.classList.toggle('lost', lost);
    };
    const add = ({ key, html }) => {
      if (known.has(key)) return;
      known.add(key);
      const line = drawn(html);
      line.classList.add('fresh');
      spy.prepend(line);
      while (spy.children.length > linesMax) {
        known.delete(spy.lastElementChild.dataset.key);
        spy.lastElementChild.remove();
      }
    };
    const source = new EventSource(spy.dataset.stream);
    source.addEventListener('open', () => say(paused ? 'Paused' : 'Live'));
    source.addEventListener('action', (event) => {
      const action = JSON.parse(event.data);
      if (!paused) return add(action);
      held.push(action);
      if (held.length > linesMax) held.shift();
      say(`Paused, ${held.length} waiting`);
    });
    source.addEventListener('gone', () => {
      source.close();
      say('Your access to this site has ended', true);
    });
    source.addEventListener('error', () => {
      say(source.readyState === EventSource.CLOSED ? 'Connection closed – reload the page' : 'Connection lost – trying again', true);
    });
    pause.addEventListener('click', () => {
      paused = !paused;
      pause.setAttribute('aria-pressed', String(paused));
      pause.textContent = paused ? 'Go on' : 'Pause';
      if (!paused) held.splice(0).forEach(add);
      say(paused ? 'Paused' : 'Live');
    });
  }

  // The first hit of a new site
  const first = one('#first-hit');
  if (first) {
    const source = new EventSource(first.dataset.stream);
    source.addEventListener('action', (event) => {
      source.close();
      one('.waiting-now', first).hidden = true;
      one('.waiting-over', first).hidden = false;
      one('.stream', first).append(drawn(JSON.parse(event.data).html));
    });
    source.addEventListener('gone', () => source.close());
  }
})();
