// Clickstead's tracker: tells a Clickstead server what happens on the page that includes it. It speaks the language of
// Clicky's page code (`clicky_site_ids`, `clicky_custom`, `clicky.log()` …), so that pages written for Clicky need
// nothing but another host name.
//
// Three promises: it never throws into the page, never makes it wait, and keeps nothing in the browser unless the
// server, who knows the site's settings, answers that it may; what is there goes when it answers that it may not.
// Until its first answer on a page, nothing that was kept on earlier pages is told but the visitor's number, which it
// needs to judge. Optional parts (media, web vitals, heatmaps) are other files.
//
// Around it there may be a function with one parameter, `clickstead_in`: the path for beacons behind a site's own
// reverse proxy. The server adds it to `/js?in=%2Fpath`, because there the page's browser does not see the `?in=`.
//
// Not in strict mode: what a page froze is left as it is instead of throwing.
try { (() => {
  const KEPT_SECONDS = 365 * 86400;
  const IGNORED_SECONDS = 3650 * 86400;
  const VALUE_LENGTH_MAX = 8192; // What the server reads of an address, its longest text; it keeps less, without click ids.
  const RETRY_SECONDS_MAX = 30;
  const NAVIGATION_SETTLES_MS = 100; // Frameworks set the title, or go on to the next address, just after pushState.
  const PING_MS = 30000;
  const VISITOR_COOKIE = '_jsuid';
  const IGNORE_COOKIE = '_cky_ignore';
  const STICKY_COOKIE = '_custom_data_';
  const CONSENT_COOKIE = '_consent';
  const LINK_PROTOCOLS = /^(https?|ftp|mailto|tel):$/;
  const FILE_ENDINGS = (
    '7z aac apk avi bz2 csv deb dmg doc docx epub exe flac flv gif gz ics iso jar jpeg jpg m4a m4v mkv '
    + 'mov mp3 mp4 mpeg mpg msi odp ods odt ogg ogv pdf pkg png ppt pptx rar rpm rtf svg tar tgz torrent '
    + 'txt vcf wav webm webp wma wmv xls xlsx xml xz zip'
  ).split(' ');

  // A function that gives undefined where the given one throws: the border to a page that may do anything.
  const safe = (act) => (...given) => {
    try {
      return act(...given);
    } catch (_) {}
  };

  const on = (target, event, act) => target.addEventListener(event, safe(act), true);

  // A property of `clicky_custom`, which the page may declare in any way, change, freeze or trap.
  const option = safe((name) => clicky_custom[name]);

  // Whether a value can be told as it is; null counts as an object.
  const isText = (value) => !/^(undefined|object|function)$/.test(typeof value);

  // What a page or link calls an address, in full; a link that only runs a script is about the page it is on.
  const absolute = (href, base) => {
    const url = new URL(href || '', base || location.href);
    return url.protocol == 'javascript:' ? location.href : url.href;
  };

  // What tells this page from others: not the fragment, unless it is the route of an application.
  const pageAddress = () => option('hash_track') ? location.href : location.href.split('#')[0];

  // ---- Where from, where to -------------------------------------------------------------------------------------

  const element = document.currentScript
    || document.querySelector('script[data-id][src]')
    || [...document.scripts].find((script) => /\/(js|\d+\.js)(\?|$)/.test(script.src));
  const address = new URL(element ? element.src : location.href);
  const beaconPath = typeof clickstead_in == 'string' ? clickstead_in : address.searchParams.get('in');
  const endpoint = beaconPath ? location.origin + beaconPath : address.origin + '/in.php';

  // Every ID that the page names, in any of the ways to name one.
  const namedSites = () => [
    element && element.getAttribute('data-id'),
    (/\/(\d+)\.js$/.exec(address.pathname) || [])[1],
    safe(() => clicky_site_id)(),
  ].concat(safe(() => clicky_site_ids)());

  // ---- Cookies --------------------------------------------------------------------------------------------------

  const getCookie = safe((name) => {
    const found = document.cookie.split('; ').find((cookie) => cookie.startsWith(name + '='));
    return found && decodeURIComponent(found.slice(name.length + 1));
  });

  // Sets a cookie of the page's site; with 0 seconds, removes it.
  const setCookie = safe((name, value, seconds) => {
    const domain = option('cookie_domain');
    document.cookie = name + '=' + encodeURIComponent(value) + ';path=/;samesite=lax;max-age=' + seconds
      + (domain ? ';domain=' + domain : '') + (location.protocol == 'https:' ? ';secure' : '');
  });

  // Whether the page lets cookies be looked at. GPC and DNT are the server's to judge, by the headers of each beacon. The
  // mark of one's own visits is no part of this: it is there by its owner's wish.
  const cookiesAllowed = () => !option('cookies_disable');

  const keptVisitor = () => (/^[1-9]\d{0,15}$/.exec(getCookie(VISITOR_COOKIE)) || [])[0];

  // A number of 53 random bits, all that a double can hold. Nobody stores it unless the server answers "keep".
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  let number = (high % 2 ** 21) * 2 ** 32 + low || 1;

  // Forgets the visitor's number and every piece of custom data.
  const forget = () => document.cookie.split('; ').forEach((cookie) => {
    const name = cookie.split('=')[0];
    if (name == VISITOR_COOKIE || name.startsWith(STICKY_COOKIE)) setCookie(name, '', 0);
  });

  // "Ignore my visits" leads here with a fragment that sets or removes the mark.
  const isIgnored = () => {
    const [, wanted] = /^#_cky_ignore=([01])$/.exec(location.hash) || [];
    if (wanted) setCookie(IGNORE_COOKIE, 1, wanted * IGNORED_SECONDS);
    return wanted ? wanted == 1 : getCookie(IGNORE_COOKIE);
  };

  // "Open on page" leads here with a fragment that holds a token: then nothing that happens on the page is told, and a part
  // shows its heatmap over it. The token stays in no address.
  const [plain, token] = location.href.split('#clickstead-heatmap=');
  if (token) history.replaceState(history.state, '', plain);

  // ---- Beacons --------------------------------------------------------------------------------------------------

  const waiting = new Set(); // Beacons that a busy server asked to send again.
  let leaving = false; // The page is being left: only sendBeacon is certain to arrive.
  let consented = cookiesAllowed() && getCookie(CONSENT_COOKIE);

  const loadPart = (name, site) => {
    const isNew = !(name in clicky);
    clicky[name] = clicky.view; // For the part: the newest page for which it was named.
    if (site) site[name] = 1;
    if (isNew) document.head.append(Object.assign(document.createElement('script'), { src: address.origin + name }));
  };

  // After a consent that was taken back, the answer to an earlier beacon must not bring anything back.
  const obey = (reply, site) => {
    if (reply.keep && cookiesAllowed() && consented !== false) {
      const count = () => Object.keys(customFields(site)).length;
      const told = count();
      site.mayKeep = true;
      if (!keptVisitor()) setCookie(VISITOR_COOKIE, number, KEPT_SECONDS);
      if (consented === true) setCookie(CONSENT_COOKIE, 1, KEPT_SECONDS);
      if (count() > told) hit('custom', {}, [site]);
    } else if (reply.keep === false) {
      site.mayKeep = false;
      if (!mayKeep()) forget();
    }
    (reply.parts || []).forEach(safe((name) => loadPart(name, site)));
  };

  const sendLast = (query) => navigator.sendBeacon(endpoint, query);

  const sendAgain = (query, site, reply) => {
    const seconds = Math.min(Math.max(reply.headers.get('Retry-After') || 2, 1) || 2, RETRY_SECONDS_MAX);
    waiting.add(query);
    setTimeout(safe(() => waiting.delete(query) && send(query, site, true)), (seconds + Math.random()) * 1000);
  };

  const send = (query, site, isRetry) => {
    if (leaving) {
      sendLast(query);
      return;
    }
    // A page may have replaced `fetch` by something that throws.
    const answer = safe(window.fetch)(
      endpoint,
      { method: 'POST', keepalive: true, mode: 'cors', credentials: 'omit', body: query },
    );
    if (answer) {
      answer
        .then((reply) => reply.status == 503 ? isRetry || sendAgain(query, site, reply)
          : reply.status == 200 && reply.json().then((answer) => obey(answer, site)))
        .catch(() => {});
    } else {
      query.set('mime', 'gif');
      query.set('x', Math.random());
      new Image().src = endpoint + '?' + query;
    }
  };

  // Sends a hit to every given site. Values are texts, numbers or lists of them; empty ones and objects are left out.
  const hit = (type, fields, sites = known) => {
    if (ignored) return;
    // A page that is made ready in advance may never be seen.
    if (document.prerendering) return on(document, 'prerenderingchange', () => hit(type, fields, sites));
    if (type != 'pageview') viewFirst();
    const read = sites == known && reading();
    sites.forEach(safe((site) => {
      const isPing = type == 'ping';
      const kept = cookiesAllowed() && keptVisitor();
      number = kept || number;
      const query = new URLSearchParams({ site_id: site.id, type, mime: 'json' });
      const all = Object.assign({
        jsuid: cookiesAllowed() && site.mayKeep !== false ? number : '',
        ck: kept ? 1 : '',
        consent: consented || option('visitor_consent') ? 1 : '',
        webdriver: navigator.webdriver ? 1 : '',
        sticky: option('sticky_data_disable') ? 0 : '',
        hash: option('hash_track') ? 1 : '',
      }, isPing || surroundings(), isPing || customFields(site), type == 'pageview' && declared(site), read, fields);
      for (const name in all) {
        for (const value of [].concat(all[name])) {
          if (isText(value) && value !== '') query.append(name, String(value).slice(0, VALUE_LENGTH_MAX));
        }
      }
      send(query, site);
    }));
  };

  const surroundings = () => ({
    href: location.href,
    res: screen.width + 'x' + screen.height,
    lang: navigator.language,
    tz: safe(() => Intl.DateTimeFormat().resolvedOptions().timeZone)(),
    pv: option('pageview_disable') ? 0 : '',
  });

  // ---- What the page says about the visitor, its goals and tests ------------------------------------------------

  const ownCustomData = () => option('visitor') || option('session') || {};

  const stickyKeys = () => [].concat(option('visitor_keys_cookie') || ['username', 'name', 'email']);

  // Whether this site, or any that the page names, has answered that the browser may keep something.
  const mayKeep = (site) => cookiesAllowed() && (site ? [site] : known).some((one) => one.mayKeep);

  // What was kept on earlier pages, and over it what this page says; its lasting pieces are kept from now on.
  const customFields = safe((site) => {
    const fields = {};
    const own = ownCustomData();
    const add = (key, value) => { if (isText(value)) fields[`custom[${key}]`] = value; };
    if (mayKeep(site) && !option('sticky_data_disable') && keptVisitor()) stickyKeys().forEach(safe((key) => {
      add(key, getCookie(STICKY_COOKIE + key));
      if (isText(own[key])) setCookie(STICKY_COOKIE + key, own[key], KEPT_SECONDS);
    }));
    Object.keys(own).forEach(safe((key) => add(key, own[key])));
    return fields;
  });

  // A goal as an id, a name, or an object that has one of them. All digits are an id. Revenue goes as the page wrote it, such
  // as 49,90; the server reads it.
  const goalFields = (goal, revenue) => {
    const isWhole = goal && !isText(goal);
    const name = isWhole ? goal.id || goal.name : goal;
    return name ? {
      [/^\d+$/.test(name) ? 'goal[id]' : 'goal[name]']: name,
      'goal[revenue]': isWhole ? goal.revenue : revenue,
      'goal[currency]': goal.currency,
    } : {};
  };

  // The goal and the split test that the page declares: told to each site once, and again when they change.
  const declared = (site) => {
    const fields = {};
    const goal = option('goal');
    const split = option('split');
    if (goal !== site.goal) Object.assign(fields, goalFields(site.goal = goal));
    if (split && split !== site.split) {
      site.split = split;
      ['name', 'version', 'goal'].forEach((part) => { fields[`split[${part}]`] = split[part]; });
    }
    return fields;
  };

  // ---- Page views and pings -------------------------------------------------------------------------------------

  let viewed; // The address of the newest page view, without its fragment.
  // That of the newest page view: of the page as it was loaded, or what the page says.
  let status = safe(() => performance.getEntriesByType('navigation')[0].responseStatus)();
  let referrer = document.referrer;
  let overrides = {}; // `clicky_custom.href` and `.title` at the newest page view …
  let stale = {}; // … and at the address before: they were about another page.
  let settling; // The timer of a navigation whose page view is still to come.
  let visibleSince; // The time since which the page is visible; 0 while it is not.
  let seen = 0; // The milliseconds for which the newest page was visible that nobody was told of.
  let pingTimer;

  // What the page's address tells of a campaign, where that address is not told, or not whole.
  const clicks = () => (location.search + location.hash).split(/[?#&]/)
    .filter((pair) => /^(utm|mtm|pk)_|^\w*(clid|braid)=/i.test(pair)).map((pair) => pair.slice(0, 512)).join('&');

  const watchVisible = () => {
    const now = performance.now();
    if (visibleSince) seen += now - visibleSince;
    visibleSince = document.visibilityState != 'visible' ? 0 : now;
  };

  // How the newest page was read since it was last told. Its depth is measured by a part, in thousandths.
  const reading = () => {
    watchVisible();
    const seconds = seen / 1000 | 0;
    const read = (seconds || clicky.depth) && { on: clicky.view, seen: seconds, depth: clicky.depth };
    seen %= 1000;
    clicky.depth = '';
    return read;
  };

  // Logs the page at its present address, or under a name. With `once`, only when that was not done yet.
  const pageview = (once, sites = known, name) => {
    const here = pageAddress();
    clearTimeout(settling);
    settling = 0;
    if (once && here == viewed) return;
    if (viewed && here != viewed) {
      referrer = viewed;
      stale = overrides;
      status = 0;
    }
    status = option('status') || status;
    viewed = here;
    overrides = { href: option('href'), title: option('title') };
    name = name || overrides.href !== stale.href && overrides.href;
    const href = name ? absolute(name) : location.href;
    // Tells how the page before was read, too.
    hit('pageview', {
      href,
      status: [404, 410].find((missing) => missing == status),
      title: overrides.title !== stale.title && overrides.title || document.title,
      ref: referrer,
      utm: name || location.href.length > VALUE_LENGTH_MAX ? clicks() : '',
    }, sites);
    // For parts: the newest page, and the page that was loaded.
    clicky.view = href;
    clicky.page = clicky.page || href;
    // The page that comes next says its own.
    safe(() => { delete clicky_custom.status; })();
    startPings();
  };

  // Every half minute that ends with the page in sight counts; pings at the 1st, 2nd, 4th and then every 4th of them.
  const startPings = () => {
    let count = 0;
    clearInterval(pingTimer);
    pingTimer = setInterval(safe(() => {
      if (document.visibilityState != 'visible') return;
      const minutes = Math.min(Math.max(option('timeout') || 10, 5) || 10, 240);
      if (++count * PING_MS > minutes * 60000) clearInterval(pingTimer);
      else if ((count < 3 || count % 4 == 0) && !option('ping_disable')) hit('ping');
    }), PING_MS);
  };

  // Sends a page view that waits: what happens on a page comes after it.
  const viewFirst = () => {
    start();
    if (settling) pageview(true);
  };

  const navigated = safe(() => {
    if (!started || option('pageview_disable') || pageAddress() == viewed) return;
    clearTimeout(settling);
    settling = setTimeout(safe(() => pageview(true)), NAVIGATION_SETTLES_MS);
  });

  const watchHistory = safe(() => {
    if (option('history_disable')) return;
    on(window, 'popstate', navigated);
    on(window, 'hashchange', navigated);
    safe(() => on(navigation, 'currententrychange', (event) => event.navigationType == 'push' && navigated()))();
    const push = history.pushState;
    history.pushState = function (...given) {
      const result = push.apply(this, given);
      navigated();
      return result;
    };
  });

  // ---- Links ----------------------------------------------------------------------------------------------------

  const host = (url) => url.host.replace(/^www\./, '');

  const isFile = (url) => FILE_ENDINGS.includes(url.pathname.split('.').pop().toLowerCase());

  const isOutbound = (url) => LINK_PROTOCOLS.test(url.protocol) && (host(url) != host(location)
    || [].concat(option('outbound_pattern') || []).some((pattern) => url.pathname.includes(pattern)));

  // What following a link counts as; undefined for a link within the site.
  const linkType = (link, url) => {
    const has = (name) => link.classList.contains('clicky_' + name);
    const isWeb = /^http/.test(url.protocol);
    if (has('ignore')) return;
    if (has('log_download')) return 'download';
    if (has('log_outbound')) return 'outbound';
    if (has('log')) return 'click';
    if (isWeb && (link.hasAttribute('download') || isFile(url))) return 'download';
    if (!option('outbound_disable') && isOutbound(url)) return 'outbound';
  };

  const linkTitle = (link) => {
    const image = link.querySelector('img[alt]');
    return link.textContent.trim().replace(/\s+/g, ' ') || link.title || link.getAttribute('aria-label')
      || image && image.alt;
  };

  // A link or a button may name a goal: `data-clicky-goal`, with `data-clicky-revenue` and `data-clicky-currency`.
  const goalOf = (path) => {
    const { dataset } = path.find((node) => node.dataset && node.dataset.clickyGoal) || {};
    return dataset && goalFields(
      { name: dataset.clickyGoal, revenue: dataset.clickyRevenue, currency: dataset.clickyCurrency },
    );
  };

  const clicked = (event) => {
    if (event.button > 1) return;
    const path = event.composedPath();
    const goal = goalOf(path);
    const followed = safe((link) => {
      // The attribute, since the property is an object in SVG.
      const href = absolute(link.getAttribute('href') || link.getAttribute('xlink:href'), document.baseURI);
      const type = linkType(link, new URL(href));
      if (type) hit(type, Object.assign({ href, title: linkTitle(link) }, goal));
      return type;
    })(path.find((node) => /^(a|area)$/i.test(node.localName)));
    if (!followed && goal) hit('goal', goal);
  };

  // ---- What the page may call -----------------------------------------------------------------------------------

  // The sites that are told of hits: {id, goal, split, mayKeep}, goal and split as last told, mayKeep as last answered, and
  // the names of the parts that they answered.
  const known = [];
  let started = false;

  const addSite = (id) => {
    id = String(id).trim();
    if (!/^\d+$/.test(id) || known.some((site) => site.id == id)) return;
    const site = { id };
    known.push(site);
    if (started) firstView([site]);
  };

  const firstView = (sites) => {
    if (!option('pageview_disable')) pageview(false, sites);
    else if (option('goal') || option('split')) sites.forEach((site) => hit('goal', declared(site), [site]));
  };

  const calls = {
    init: addSite,
    log: (href, title, type) => hit(type || 'click', { href: absolute(href), title }),
    goal: (goal, revenue) => goal && hit('goal', goalFields(goal, revenue)),
    pageview: (given) => {
      if (typeof given != 'string') return pageview(given);
      if (!document.prerendering) viewFirst();
      status = 0;
      pageview(false, known, given);
    },
    // Clicky held the page up here; beacons outlive their page, so that there is nothing to wait for.
    pause: () => {},
    // Sends custom data that came after the page view, and gives it in the form of a query.
    custom_data: () => {
      const query = new URLSearchParams(customFields()).toString();
      if (query) hit('custom');
      return query && '&' + query;
    },
    // Ours: the visitor agrees after the page was loaded (before: `clicky_custom.visitor_consent`), which later pages
    // remember, or with `false` takes that back.
    consent: (agrees) => {
      consented = agrees !== false;
      known.forEach((site) => { delete site.mayKeep; });
      if (consented) return hit('custom');
      setCookie(CONSENT_COOKIE, '', 0);
      forget();
    },
    video: (action, time, url, title) =>
      hit('video', { 'video[action]': action, 'video[time]': time, href: absolute(url), title }),
    get_cookie: getCookie,
    set_cookie: setCookie,
    // Ours: for parts, which send types of their own; with the name of a part, only to the sites that asked for it.
    send: (type, fields, part) => hit(type, fields, known.filter((site) => !part || site[part])),
  };

  // ---- Begin ----------------------------------------------------------------------------------------------------

  const leave = () => {
    leaving = true;
    if (settling) pageview(true);
    waiting.forEach(safe(sendLast));
    waiting.clear();
  };

  const comeBack = (event) => {
    leaving = false;
    if (event.persisted && !option('pageview_disable')) {
      referrer = viewed || referrer;
      status = 0;
      pageview();
    }
  };

  const start = safe(() => {
    if (started) return;
    started = true;
    firstView(known);
    if (option('html_media_track')) loadPart('/media.js');
  });

  // A script in the head may run before the page has its title.
  const startWithTitle = safe(() => {
    if (document.readyState != 'loading' || document.title) return start();
    on(document, 'DOMContentLoaded', start);
    on(window, 'pagehide', start);
  });

  const ignored = token || isIgnored();
  const before = window.clicky;
  if (before && before.clickstead) {
    // Included twice: nothing is counted twice, but a second site may be named.
    namedSites().forEach(before.init);
    return;
  }
  const clicky = { clickstead: true };
  safe(() => { window.clicky = clicky; })();
  Object.keys(calls).forEach((name) => { clicky[name] = safe(calls[name]); });
  if (token) {
    clicky.heatmap = token;
    loadPart('/overlay.js');
  }
  safe(() => { window.clicky_custom = window.clicky_custom || {}; })();
  namedSites().forEach(clicky.init);
  watchHistory();
  on(window, 'click', clicked);
  on(window, 'auxclick', clicked);
  on(window, 'pagehide', leave);
  on(window, 'pageshow', comeBack);
  // A page that is hidden may not come back; also one that is left is hidden.
  on(document, 'visibilitychange', () => {
    watchVisible();
    if (viewed && (seen > 999 || clicky.depth) && !option('ping_disable')) hit('ping');
  });
  if (document.prerendering) on(document, 'prerenderingchange', startWithTitle);
  else startWithTitle();
})(); } catch (_) {}
