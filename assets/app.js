// What the screens do beyond links and forms: look, copying, dates as the person writes them, keys, live lines.
// Every screen works without it.
(() => {
  'use strict';
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const root = document.documentElement;
  const zone = root.dataset.timeZone;

  const offer = (within) => { for (const element of all('[data-needs-script], [data-copy]', within)) element.hidden = false; };
  offer(document);
  document.addEventListener('htmx:load', (event) => offer(event.target));

  // Look
  for (const button of all('[data-theme-choice]')) {
    button.addEventListener('click', () => {
      const theme = button.dataset.themeChoice;
      const secure = location.protocol === 'https:' ? ';Secure' : '';
      document.cookie = `theme=${theme};path=/;max-age=31536000;SameSite=Lax${secure}`;
      root.dataset.theme = theme;
      for (const other of all('[data-theme-choice]')) other.setAttribute('aria-pressed', String(other === button));
      redraw();
    });
  }

  // Copying
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-copy]');
    if (!button) return;
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

  // The browser's own zone, where none was chosen
  const guess = one('select[data-guess]');
  if (guess) {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if ([...guess.options].some((option) => option.value === own)) guess.value = own;
  }

  // A picker beside a colour that is typed
  for (const picker of all('[data-colour-of]')) {
    const typed = document.getElementById(picker.dataset.colourOf);
    const follow = () => { picker.value = /^#[\da-f]{6}$/i.test(typed.value) ? typed.value : typed.placeholder; };
    picker.addEventListener('input', () => { typed.value = picker.value; });
    typed.addEventListener('input', follow);
    follow();
  }

  // Menus close when something else is used
  document.addEventListener('click', (event) => {
    for (const menu of all('details.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });
  // A row that is open is closed by what opened it
  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-opens-row]');
    const opened = opener?.closest('tr').nextElementSibling;
    if (!opened?.matches('tr.detail')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    opened.remove();
    opener.setAttribute('aria-expanded', 'false');
  }, true);
  document.addEventListener('htmx:load', (event) => {
    if (event.target.matches('tr.detail')) one('[data-opens-row]', event.target.previousElementSibling)?.setAttribute('aria-expanded', 'true');
  });
  document.addEventListener('input', (event) => {
    const input = event.target.closest('[data-filter]');
    if (!input) return;
    const wanted = input.value.trim().toLowerCase();
    for (const item of document.getElementById(input.dataset.filter).children) {
      item.hidden = !item.textContent.toLowerCase().includes(wanted);
    }
  });
  // Enter follows the first link that is left
  document.addEventListener('keydown', (event) => {
    const input = event.target.closest?.('[data-filter]');
    if (!input || event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    if (input.value.trim()) one('li:not([hidden]) a', document.getElementById(input.dataset.filter))?.click();
  });

  // A range by two days is one parameter, as everywhere
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('form[data-range]');
    if (!form) return;
    event.preventDefault();
    const [from, to] = [form.elements.from.value, form.elements.to.value].sort();
    const fields = new URLSearchParams(new FormData(form));
    fields.delete('from');
    fields.delete('to');
    fields.set('date', from === to ? from : `${from},${to}`);
    location.href = `${form.getAttribute('action')}?${fields}`;
  }, true);

  // Charts: drawn from the table beside them, so that both say the same
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const grouped = (value) => value.toLocaleString('en');
  // Rounded as the server rounds: to a tenth of a unit, to the smaller of two units.
  const letters = [[1e3, 'k'], [1e6, 'M'], [1e9, 'B']];
  const short = (value) => {
    if (Math.abs(value) < 10000) return grouped(value);
    const tenths = (unit) => Math.sign(value) * Math.round(Math.abs(value) / (unit / 10));
    const [unit, letter] = letters.find(([size]) => Math.abs(tenths(size)) < 10000) ?? letters[2];
    return `${(tenths(unit) / 10).toFixed(1)}${letter}`;
  };
  const long = (seconds) => {
    const [minutes, hours] = [Math.round(seconds / 60), Math.round(seconds / 3600)];
    if (seconds < 60) return seconds > 0 ? `${seconds}s` : '0';
    if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
    return minutes < 1440 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
  };
  const units = {
    count: short,
    seconds: (value) => long(Math.round(value)),
    permille: (value) => `${Math.round(value) / 10} %`,
    hundredths: (value) => (Math.round(value) / 100).toFixed(2),
    money: (value, { decimals }) => (value % 10 ** decimals ? (value / 10 ** decimals).toFixed(decimals) : short(value / 10 ** decimals)),
  };
  const charts = new Map();
  const readTable = (figure) => {
    const heads = all('thead th', figure).slice(1).map((head) => ({ name: head.textContent, before: 'before' in head.dataset }));
    const rows = all('tbody tr', figure);
    const isDays = figure.dataset.steps === 'days';
    const at = rows.map((row) => {
      const step = one('[data-at]', row).dataset.at;
      return isDays ? Date.parse(`${step}T00:00:00Z`) / 1000 : Number(step);
    });
    const values = heads.map((_, place) => rows.map((row) => {
      const { value } = all('td', row)[place].dataset;
      return value === undefined ? null : Number(value);
    }));
    return { heads, rows, at, values, isDays };
  };
  const lines = ['--accent', '--line-2', '--line-3', '--line-4', '--line-5'];
  const drawChart = (figure) => {
    const plot = one('.plot', figure);
    const { heads, rows, at, values, isDays } = readTable(figure);
    if (!window.uPlot || at.length < 2) return;
    const write = (value) => units[figure.dataset.unit](value, figure.dataset);
    const height = plot.clientHeight;
    plot.replaceChildren();
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    // Several things with what they are compared with: the dashed line of each has its colour.
    const things = heads.filter((head) => !head.before).length;
    const isPaired = heads.length > things + 1;
    const axis = { stroke: colour('--ink-2'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false }, font: '12px system-ui, sans-serif' };
    const dash = { day: 'numeric', month: 'short', timeZone: 'UTC' };
    const dayWriter = new Intl.DateTimeFormat(undefined, dash);
    const chart = new uPlot({
      width: plot.clientWidth,
      height,
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), 'Etc/UTC'),
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: isDays && Boolean(figure.dataset.select) }, points: { size: 7 } },
      scales: { x: { time: isDays }, y: { range: (_, low, high) => [Math.min(low * 1.08, 0), Math.max(high * 1.08, low < 0 ? 0 : 1)] } },
      axes: [
        { ...axis, grid: { show: false }, space: 70, size: 28, incrs: isDays ? [1, 2, 7, 14, 28, 91, 182, 365].map((days) => days * 86400) : [1, 2, 3, 6, 12], values: (_, splits) => splits.map((split) => (isDays ? dayWriter.format(new Date(split * 1000)) : Number.isInteger(split) ? `${String(split).padStart(2, '0')}:00` : '')) },
        { ...axis, size: 56, values: (_, splits) => splits.map((split) => (figure.dataset.unit === 'count' && !Number.isInteger(split) ? '' : write(split))) },
      ],
      series: [{}, ...heads.map((head, place) => ({
        stroke: colour(head.before && !isPaired ? '--ink-2' : lines[place % things]),
        alpha: head.before && isPaired ? 0.6 : 1,
        width: head.before ? 1 : 2,
        dash: head.before ? [4, 4] : undefined,
        fill: place === 0 && heads.length < 3 ? colour('--accent-soft') : undefined,
        points: { show: at.length < 32 && !head.before },
      }))],
      hooks: {
        // Places are known once the chart is laid out.
        ready: [(drawn) => drawFlags(figure, drawn, at)],
        setCursor: [(drawn) => {
          const place = drawn.cursor.idx;
          if (place == null) { tip.hidden = true; return; }
          tip.replaceChildren();
          const title = document.createElement('b');
          title.textContent = one('[data-at]', rows[place]).textContent;
          tip.append(title);
          heads.forEach((head, column) => {
            const line = document.createElement('div');
            line.className = head.before && !isPaired ? 'before' : `line-${column % things}`;
            line.textContent = `${head.name}: ${all('td', rows[place])[column].textContent}`;
            tip.append(line);
          });
          tip.hidden = false;
          const left = drawn.valToPos(at[place], 'x');
          tip.style.left = `${Math.min(Math.max(left + (left > drawn.over.clientWidth / 2 ? -tip.offsetWidth - 12 : 12), 0), drawn.over.clientWidth - tip.offsetWidth)}px`;
        }],
        setSelect: [(drawn) => {
          if (drawn.select.width < 8) return;
          const place = (x) => Math.round(drawn.posToIdx(x));
          const day = (index) => new Date(at[index] * 1000).toISOString().slice(0, 10);
          const [first, last] = [day(place(drawn.select.left)), day(place(drawn.select.left + drawn.select.width))];
          const address = new URL(figure.dataset.select, location.href);
          address.searchParams.set('date', first === last ? first : `${first},${last}`);
          location.href = address;
        }],
      },
    }, [at, ...values], plot);
    one('.u-over', plot).append(tip);
    charts.set(figure, chart);
    const form = one('[data-new-note]', figure);
    if (isDays && form) {
      chart.over.addEventListener('click', () => {
        const place = chart.cursor.idx;
        if (place == null || chart.select.width >= 8) return;
        form.open = true;
        one('[name=day]', form).value = one('[data-at]', rows[place]).dataset.at;
        one('[name=text]', form).focus();
      });
    }
  };
  // Flags of annotations: links to the list below the chart, one for each day
  const drawFlags = (figure, chart, at) => {
    one('.flags', figure)?.remove();
    if (figure.dataset.steps !== 'days') return;
    const days = new Map();
    for (const note of all('.notes [data-day]', figure)) days.set(note.dataset.day, [...(days.get(note.dataset.day) ?? []), note]);
    if (!days.size) return;
    const flags = document.createElement('div');
    flags.className = 'flags';
    const left = chart.over.getBoundingClientRect().left - figure.getBoundingClientRect().left;
    for (const [day, notes] of days) {
      const stamp = Date.parse(`${day}T00:00:00Z`) / 1000;
      if (!at.includes(stamp)) continue;
      const flag = document.createElement('a');
      flag.href = `#${notes[0].id}`;
      flag.className = notes.every((note) => note.dataset.kind === 'deploy') ? 'deploy' : 'note';
      flag.append(one('.icon', notes[0]).cloneNode(true));
      const said = notes.map((note) => one('.note-text', note).textContent).join(' · ');
      flag.title = `${one('b', notes[0]).textContent}: ${said}`;
      flag.setAttribute('aria-label', `Annotation, ${flag.title}`);
      flag.addEventListener('click', () => notes[0].focus());
      flag.style.left = `${left + chart.valToPos(stamp, 'x')}px`;
      flags.append(flag);
    }
    figure.insertBefore(flags, one('.plot', figure).nextSibling);
  };
  const redraw = () => {
    for (const [figure, chart] of [...charts]) {
      chart.destroy();
      charts.delete(figure);
      if (figure.isConnected) drawChart(figure);
    }
  };
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth === width) return;
    width = innerWidth;
    redraw();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

  // What is new on the page, at first and after a part of it was swapped
  const wake = (within) => {
    localize(within);
    for (const figure of all('[data-chart]', within)) if (!charts.has(figure)) drawChart(figure);
    for (const [figure, chart] of charts) {
      if (!figure.isConnected) {
        chart.destroy();
        charts.delete(figure);
      }
    }
  };
  wake(document);
  document.addEventListener('htmx:load', (event) => { if (event.target !== document.body) wake(event.target); });

  // The search says what the address asks for, also when a link asked for something else
  // What a part of the page can't be answered with is said in its place: htmx shows no failures
  document.addEventListener('htmx:beforeSwap', (event) => {
    const { xhr } = event.detail;
    if (xhr.status < 400) return;
    const said = new DOMParser().parseFromString(xhr.responseText, 'text/html').getElementById('content');
    if (said) one('#content').replaceChildren(...said.childNodes);
  });
  document.addEventListener('htmx:pushedIntoHistory', () => {
    const search = one('.search [name=find]');
    if (search && search !== document.activeElement) search.value = new URLSearchParams(location.search).get('find') ?? '';
  });

  // Keys
  let goes = -Infinity;
  const shortcuts = one('#shortcuts');
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      for (const menu of all('details.menu[open]')) {
        const isInside = menu.contains(document.activeElement);
        menu.open = false;
        if (isInside) one('summary', menu).focus();
      }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
    const side = one('#side');
    if (event.timeStamp - goes < 1000 && side) {
      // The links at the side carry the range and the filters along.
      const place = { d: '', s: '/spy', v: '/visitors' }[event.key];
      const link = place !== undefined && all('.side-list a', side).find((found) => found.pathname === side.dataset.base + place);
      if (link) location.href = link.href;
    }
    goes = event.key === 'g' ? event.timeStamp : -Infinity;
    if (event.key === '[' || event.key === ']') one(`a[data-key="${event.key}"]`)?.click();
    if (event.key === '?' && shortcuts) shortcuts.showModal();
    const finder = one('#finder');
    if (event.key === '/' && finder) {
      event.preventDefault();
      finder.showModal();
      one('input', finder).focus();
    }
  });

  // Flows: the bands of the box in focus stand out, and arrow keys go from box to box
  const boxOf = (target) => target.closest && target.closest('[data-flow] [data-box]');
  for (const [event, isOn] of [['focusin', true], ['focusout', false], ['mouseover', true], ['mouseout', false]]) {
    document.addEventListener(event, ({ target }) => {
      const box = boxOf(target);
      if (!box) return;
      const name = box.dataset.box;
      const bands = all(`[data-from="${name}"], [data-to="${name}"]`, box.ownerSVGElement);
      for (const band of bands) band.classList.toggle('is-on', isOn);
    });
  }
  document.addEventListener('keydown', (event) => {
    const box = boxOf(event.target);
    const [aside, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [];
    if (!box || aside === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const [column, place] = box.dataset.box.split('-').map(Number);
    const links = all('a[data-box]', box.ownerSVGElement);
    const top = (link) => Number(one('rect', link).getAttribute('y'));
    const at = (link) => link.dataset.box.split('-').map(Number);
    let near;
    if (down) {
      const same = links.filter((link) => at(link)[0] === column && (at(link)[1] - place) * down > 0);
      near = same.sort((one, other) => (at(one)[1] - at(other)[1]) * down)[0];
    } else {
      // The next column that has a link: the middle has none.
      const beside = links.filter((link) => (at(link)[0] - column) * aside > 0);
      const next = Math.min(...beside.map((link) => (at(link)[0] - column) * aside));
      const away = (link) => Math.abs(top(link) - top(box));
      near = beside.filter((link) => (at(link)[0] - column) * aside === next).sort((one, other) => away(one) - away(other))[0];
    }
    if (!near) return;
    event.preventDefault();
    near.focus();
  });

  // The hours of a heat map, hour by hour with the arrow keys
  document.addEventListener('keydown', (event) => {
    const cell = event.target.closest && event.target.closest('.heat td[data-text]');
    const [aside, down] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [];
    if (!cell || aside === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = cell.parentElement;
    const next = down ? row.parentElement.rows[row.sectionRowIndex + down] : row;
    const near = next && next.cells[cell.cellIndex + aside];
    if (!near || !near.dataset.text) return;
    event.preventDefault();
    cell.tabIndex = -1;
    near.tabIndex = 0;
    near.focus();
  });

  // A choice that shows its result at once
  document.addEventListener('change', (event) => { if (event.target.closest('[data-submits]')) event.target.form.requestSubmit(); });

  // The parts of a form that belong to the chosen kind, and the suggestions for it
  document.addEventListener('change', (event) => {
    const group = event.target.closest('[data-goal-kind]');
    if (!group || event.target.name !== 'kind') return;
    const kind = event.target.value;
    for (const part of all('[data-of-kinds]', group)) part.hidden = !part.dataset.ofKinds.split(' ').includes(kind);
    const pattern = one('[name=pattern]', group);
    if (pattern) pattern.setAttribute('list', `suggest-${kind}`);
  });

  // The suggestions of the chosen kind, for the input that a list names
  document.addEventListener('change', (event) => {
    const { suggests } = event.target.dataset;
    if (suggests) document.getElementById(suggests).setAttribute('list', `suggest-${event.target.value}`);
  });

  // Ticks every report of a form, or none
  all('[data-tick]').forEach((button) => button.addEventListener('click', () => {
    button.form.querySelectorAll('input[name=report]').forEach((box) => { box.checked = button.dataset.tick === 'all'; });
  }));

  // In a frame: tells the pages that may hold it how high it is
  const embed = document.documentElement.dataset.embed;
  if (embed !== undefined && parent !== window) {
    const tell = () => embed.split(' ').filter(Boolean).forEach((origin) => parent.postMessage({ height: Math.ceil(document.body.getBoundingClientRect().height) }, origin));
    new ResizeObserver(tell).observe(document.body);
  }

  // How many are online
  const online = one('[data-online]');
  if (online) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const reply = await fetch(online.dataset.online, { headers: { Accept: 'application/json' } });
        if (!reply.ok) return;
        const count = (await reply.json()).online;
        one('[data-number]', online).textContent = short(count);
        one('.dot', online).classList.toggle('on', count > 0);
      } catch {
        // The next turn asks again.
      }
    }, 10000);
  }

  // Parts that live on: drawn afresh by the server every ten seconds, unless somebody is using them or has scrolled away
  if (one('[data-refresh], [data-chart]')) {
    const inUse = (part) => part.contains(document.activeElement) || part.contains(getSelection().anchorNode) || part.getBoundingClientRect().top < 0;
    setInterval(async () => {
      const parts = all('[data-refresh]');
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
    const map = one('#spy-map svg');
    const pulse = ({ dataset: { x, y } }) => {
      if (!map || x === undefined) return;
      for (const kind of ['still-point', 'pulse-point']) {
        if (kind === 'still-point' && one(`.still-point[cx="${x}"][cy="${y}"]`, map)) continue;
        const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
        for (const [name, value] of Object.entries({ class: kind, cx: x, cy: y, r: kind === 'still-point' ? 7 : 16 })) circle.setAttribute(name, value);
        map.append(circle);
        if (kind === 'pulse-point') circle.addEventListener('animationend', () => circle.remove());
      }
    };
    const add = ({ key, html }) => {
      if (known.has(key)) return;
      known.add(key);
      const line = drawn(html);
      line.classList.add('fresh');
      spy.prepend(line);
      pulse(line);
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
