// A part of Clickstead's tracker, loaded where `clicky_custom.html_media_track` is set: logs what visitors do with the
// page's <video> and <audio> elements, by the tracker's own `clicky.video(action, time, url, title)`. Elements of the
// class `clicky_ignore` are left alone. Actions: `play`, `pause`, `seek`, `ended`; times are seconds from the start.
try { (() => {
  'use strict';

  const SEEK_SETTLES_MS = 1000; // Dragging the slider seeks many times; the last one counts.

  const settling = new WeakMap(); // The timer of an element that is being dragged.

  const fileName = (address) => decodeURIComponent(address.split(/[?#]/)[0].split('/').pop());

  // A stream that the page feeds by script has an address of its own that means nothing elsewhere.
  const addressOf = (media) => /^(blob|data|mediastream):/.test(media.currentSrc) ? '' : media.currentSrc;

  const titleOf = (media) =>
    media.getAttribute('data-title') || media.title || media.getAttribute('aria-label') || fileName(addressOf(media));

  const log = (action, media) => {
    if (media.classList.contains('clicky_ignore')) return;
    window.clicky.video(action, Math.round(media.currentTime), addressOf(media), titleOf(media));
  };

  const logSeek = (media) => {
    clearTimeout(settling.get(media));
    settling.set(media, setTimeout(() => log('seek', media), SEEK_SETTLES_MS));
  };

  // Browsers pause at the end and while seeking as well; these are told by events of their own.
  const told = {
    play: (media) => log('play', media),
    pause: (media) => media.ended || media.seeking || log('pause', media),
    seeked: (media) => media.ended || logSeek(media),
    ended: (media) => log('ended', media),
  };

  // Media events do not bubble, but they can be caught on their way down.
  for (const event in told) {
    document.addEventListener(event, ({ target }) => {
      try {
        if (target instanceof HTMLMediaElement) told[event](target);
      } catch (_) {}
    }, true);
  }

  // What began to play before this part arrived.
  document.querySelectorAll('video, audio').forEach((media) => media.paused || log('play', media));
})(); } catch (_) {}
