// A part of Clickstead's tracker, which the server's answer to a page view names where the site measures web vitals: sends
// those sites what the visitor's browser measured of the page that was loaded, once, when the page is first hidden. The library
// `web-vitals` stands in front of it. Later pages of an application, which the browser does not load, are not measured.
try { (() => {
  'use strict';

  const { page, send } = window.clicky;
  const measured = {};

  const note = ({ name, value }) => { measured[name] = value; };

  // With the values as they stand, whenever the page is hidden.
  for (const measure of [webVitals.onLCP, webVitals.onINP, webVitals.onCLS]) measure(note, { reportAllChanges: true });

  // Milliseconds; of the shift of the layout, four decimals.
  const fields = () => {
    const { LCP, INP, CLS } = measured;
    const found = { href: page };
    if (LCP >= 0) found.lcp = Math.round(LCP);
    if (INP >= 0) found.inp = Math.round(INP);
    if (CLS >= 0) found.cls = CLS.toFixed(4);
    return found;
  };

  const sendOnce = () => {
    if (document.visibilityState != 'hidden' || !Object.keys(measured).length) return;
    removeEventListener('visibilitychange', sendOnce);
    send('vitals', fields(), '/vitals.js');
  };

  // On its way up, the event comes here after the library has brought its values up to date.
  addEventListener('visibilitychange', sendOnce);
})(); } catch (_) {}
