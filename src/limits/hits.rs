//! Limits of hits and of the state held while they arrive: beacons, visits, budgets, live streams.

use std::time::Duration;

/// Bytes of the body of a beacon or a form.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Bytes of the body of a form with lists of exclusions: all of them full, each byte encoded as three.
pub const LISTS_FORM_BYTES_MAX: usize =
    5 * 3 * EXCLUSIONS_PER_LIST_MAX * (EXCLUSION_BYTES_MAX + 2) + BODY_BYTES_MAX;
/// Longest address of a page, a download or a link that is kept, measured without what only tells how somebody came.
pub const URL_BYTES_MAX: usize = 2_048;
/// Longest address that is read at all, campaign and click ids with it.
pub const RAW_URL_BYTES_MAX: usize = 8 * 1024;
/// Longest title that is kept.
pub const TITLE_BYTES_MAX: usize = 512;
/// Bytes of a user agent that are read.
pub const AGENT_BYTES_MAX: usize = 1_024;
/// Bytes of a user agent that the rules for browsers and systems read: their time grows with its length.
pub const AGENT_RULES_BYTES_MAX: usize = 512;
/// Bytes of a platform's name in a browser's client hint.
pub const PLATFORM_BYTES_MAX: usize = 32;
/// Bytes of a short text of a beacon: language, screen, names of goals, split tests and versions.
pub const WORD_BYTES_MAX: usize = 128;
/// Bytes of one value of custom data.
pub const CUSTOM_BYTES_MAX: usize = 255;
/// Keys of custom data of one visit.
pub const CUSTOM_KEYS_MAX: usize = 20;
/// Unknown parameters of an address that a guest's page names; beyond it, the page says that there are others.
pub const IGNORED_NAMES_TOLD_MAX: usize = 5;
/// Characters of such a parameter's name, if it is to be shown.
pub const IGNORED_NAME_CHARS_MAX: usize = 40;
/// Characters of an unknown name that a sentence repeats.
pub const NAME_REPEATED_CHARS_MAX: usize = 60;
/// Letters by which a misspelled name may differ from the one that is suggested instead.
pub const MISSPELLED_LETTERS_MAX: usize = 2;
/// Reports that a command names one by one; beyond it, it gives their number.
pub const REPORTS_NAMED_MAX: usize = 8;
/// Parameters of a beacon that are read; further ones are ignored.
pub const PARAMETERS_MAX: usize = 128;
/// Hits that a program may send in one batch.
pub const HITS_PER_BATCH_MAX: usize = 1_000;
/// Bytes of the body with such a batch.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Batches whose bodies are in memory at once; one more is answered 503.
pub const BATCHES_AT_ONCE_MAX: usize = 24;
/// Batches of one site among these.
pub const BATCHES_PER_SITE_MAX: usize = 16;
/// Bytes of the id that a program gives a hit.
pub const HIT_ID_BYTES_MAX: usize = 200;
/// Ids of dropped hits that are kept of one site and day: one that is sent again beyond them is looked at anew. Those of
/// recorded hits are as many as the site's actions.
pub const DROPPED_IDS_PER_SITE_DAY_MAX: u32 = 100_000;
/// Ids of sent hits in the writer's cache, of all sites; when it is full, they are moved to their table.
pub const SENT_IDS_CACHED_MAX: usize = 100_000;
/// The time for which such an id is kept: within it, a hit that is sent again counts once.
pub const SENT_IDS_KEPT: Duration = Duration::from_hours(24);
/// Heatmap clicks in one beacon.
pub const HEATMAP_CLICKS_MAX: usize = 50;
/// Heatmap clicks stored of one visit.
pub const HEATMAP_CLICKS_PER_VISIT_MAX: i64 = 500;
/// Heatmap clicks stored of one page in one day; the server counts them anew when it starts.
pub const HEATMAP_CLICKS_PER_PAGE_DAY_MAX: u32 = 200_000;
/// Pages whose clicks of the day are counted at once, of all sites; above it, those with the fewest are dropped.
pub const CLICKED_PAGES_COUNTED_MAX: usize = 50_000;
/// Characters of the CSS selector of a clicked element.
pub const SELECTOR_CHARS_MAX: usize = 200;
/// Characters of the text of a clicked element.
pub const ELEMENT_TEXT_CHARS_MAX: usize = 60;
/// The width and the height of a clicked element, in the unit in which the place of a click within it is told.
pub const ELEMENT_SIDE: i64 = 10_000;
/// The share of visits whose clicks are recorded, in percent, where nobody chose another one.
pub const HEATMAP_SAMPLE: i64 = 100;
/// The days for which clicks and depths are kept, where nobody chose otherwise.
pub const HEATMAP_DAYS: i64 = 365;
/// The longest time for which clicks and depths are kept, in days.
pub const HEATMAP_DAYS_MAX: i64 = 3_650;
/// Visits whose old clicks and depths are deleted in one go.
pub const HEATMAP_VISITS_PER_SLICE: i64 = 200;
/// Pages whose visible time and depth are stored of one visit.
pub const PAGE_READS_PER_VISIT_MAX: i64 = 500;
/// Visible seconds that one hit may tell.
pub const READ_SECONDS_PER_HIT_MAX: i64 = 3_600;
/// Visible seconds stored of one page in one visit.
pub const READ_SECONDS_MAX: i64 = 43_200;
/// The depth of a page that was read to its end.
pub const READ_DEPTH_MAX: i64 = 1_000;
/// Conversions stored of one visit.
pub const CONVERSIONS_PER_VISIT_MAX: i64 = 100;
/// Split-test versions stored of one visit.
pub const SPLITS_PER_VISIT_MAX: i64 = 50;
/// Views of pages that were not found stored of one visit.
pub const MISSING_PAGES_PER_VISIT_MAX: i64 = 100;
/// Measurements of web vitals stored of one visit, each of one page view.
pub const VITALS_PER_VISIT_MAX: i64 = 100;
/// The largest value of a web vital that is a time, in milliseconds; browsers that say more have slept meanwhile.
pub const VITAL_MILLISECONDS_MAX: u32 = 60_000;
/// The largest shift of a page's layout.
pub const VITAL_SHIFT_MAX: u32 = 10;

/// The time without an action or a ping after which a visit ends.
pub const VISIT_IDLE: Duration = Duration::from_mins(30);
/// The longest duration of a visit; the next action opens another one.
pub const VISIT_HOURS_MAX: i64 = 12;
/// The lead over the clock that the id of a new visit may have, if a clock was ahead before.
pub const CLOCK_AHEAD_MAX: Duration = Duration::from_mins(1);
/// The earliest believable time, in milliseconds since 1970: a clock that shows an earlier one was never set.
/// 2026-01-01, before the first release of this program.
pub const CLOCK_SET_SINCE_MILLISECONDS: i64 = 1_767_225_600_000;
/// The largest difference between the clock and the expected time at which the clock is still trusted: a
/// restart takes a while.
pub const CLOCK_JUMP_MAX: Duration = Duration::from_hours(6);
/// The time for which a clock that jumped has to run steadily, while the program runs, before anything is
/// deleted by its age.
pub const CLOCK_BELIEVED_AFTER: Duration = Duration::from_hours(24);
/// Actions of one visit; the next one opens another visit of the same visitor.
pub const VISIT_ACTIONS_MAX: i64 = 1_000;
/// The time after a day's end in which a hit may still change one of its visits, with a margin for clocks; then
/// the day is sealed.
pub const DAY_SETTLES_AFTER: Duration = Duration::from_hours(VISIT_HOURS_MAX.unsigned_abs() + 1);
/// The time after the last activity for which a visitor is online.
pub const ONLINE: Duration = Duration::from_mins(5);

/// The highest limit that a site's settings may set on the hits of one address (IPv6: one /64) in a minute. The
/// default is 3,000 (`hits_per_minute_max` in `schema.sql`), which is generous, since an office or a phone
/// network shares one address.
pub const HITS_PER_ADDRESS_MINUTE_MAX: u32 = 30_000;
/// The highest limit that a site's settings may set on its actions in a day.
pub const ACTIONS_PER_DAY_MAX: i64 = 1_000_000_000;
/// Addresses whose hits are counted at once; above it, counting starts again.
pub const ADDRESSES_COUNTED_MAX: usize = 200_000;
/// Filtered hits stored as samples of one site, day and reason.
pub const SAMPLES_PER_REASON_MAX: usize = 20;
/// Samples of one network (IPv4 /24, IPv6 /48) among these.
pub const SAMPLES_PER_NETWORK_MAX: usize = 5;
/// Days for which samples are stored.
pub const SAMPLE_DAYS: i32 = 30;
/// Bytes of the page, agent or domain of a sample.
pub const SAMPLE_BYTES_MAX: usize = 200;
/// New pages, files and links, with their titles, that the visitors of one site may add in a day; later ones
/// are stored as "(other)". A program with the admin key may add as many again, and so may an import; this also
/// holds for the next four limits.
pub const NEW_PAGES_PER_SITE_DAY_MAX: u32 = 50_000;
/// New referrers, search terms and campaigns.
pub const NEW_SOURCES_PER_SITE_DAY_MAX: u32 = 25_000;
/// New texts of custom data, goals, split tests and players.
pub const NEW_CUSTOM_PER_SITE_DAY_MAX: u32 = 20_000;
/// New selectors and texts of clicked elements.
pub const NEW_ELEMENTS_PER_SITE_DAY_MAX: u32 = 10_000;
/// New browsers, systems, screens, languages and places.
pub const NEW_DEVICES_PER_SITE_DAY_MAX: u32 = 5_000;
/// The divisor of a network's share (IPv4 /24, IPv6 /48): it may use one part in this many of the daily budget
/// that a site's visitors share.
pub const NETWORK_SHARE: u32 = 10;
/// Networks whose use of such budgets is counted at once, for each site and kind; above it, those with the
/// least use are dropped.
pub const NETWORKS_COUNTED_MAX: usize = 200_000;
/// Budgets of sites that are counted at once, for each kind of text and of sender.
pub const BUDGETS_COUNTED_MAX: usize = 100_000;

/// Labels in the writer's cache.
pub const LABELS_CACHED_MAX: usize = 50_000;
/// Bytes of a text whose label the writer caches.
pub const LABEL_CACHED_BYTES_MAX: usize = 256;
/// Sources in the writer's cache, and as many devices and places.
pub const ATTRIBUTES_CACHED_MAX: usize = 20_000;
/// Open visits in the writer's cache; others are read from the file.
pub const VISITS_CACHED_MAX: usize = 50_000;
/// Addresses, of all sites, by which the writer finds the newest visit for a server-side hit; above it, the older half is
/// forgotten.
pub const ADDRESS_KEYS_CACHED_MAX: usize = 500_000;
/// Parsed user agents in the cache.
pub const AGENTS_CACHED_MAX: usize = 4_000;
/// Live actions by which a slow stream may fall behind before it must catch up from the file.
pub const LIVE_BACKLOG_MAX: usize = 4_096;
/// Actions on the Spy page.
pub const SPY_ACTIONS_MAX: usize = 200;
/// The time that Spy looks back for its first actions, and a reconnecting stream for its gap.
pub const SPY_BACK: Duration = Duration::from_mins(30);
/// Events that wait for the reader of a stream; with those being written they are all that a stream holds in
/// memory for a client that does not read.
pub const STREAM_EVENTS_WAITING_MAX: usize = 16;
/// Live actions that are read from the file and written into a stream at once.
pub const STREAM_EVENTS_AT_ONCE: usize = 50;
/// Event streams open at once.
pub const STREAMS_MAX: usize = 500;
/// Event streams of guests among these; the others are reserved for signed-in users.
pub const GUEST_STREAMS_MAX: usize = 300;
/// Event streams of one guest link.
pub const STREAMS_PER_LINK_MAX: usize = 100;
/// Event streams of guests from one address (IPv6: one /64).
pub const GUEST_STREAMS_PER_ADDRESS_MAX: usize = 20;
/// Event streams of guests from one network (IPv4 /24, IPv6 /48).
pub const GUEST_STREAMS_PER_NETWORK_MAX: usize = 60;
/// Event streams of programs among these.
pub const PROGRAM_STREAMS_MAX: usize = 150;
/// Event streams of programs with one key or token.
pub const PROGRAM_STREAMS_PER_KEY_MAX: usize = 10;
/// Event streams of programs from one address (IPv6: one /64).
pub const PROGRAM_STREAMS_PER_ADDRESS_MAX: usize = 30;
/// Missed actions of the last [`SPY_BACK`] that a program gets when it comes back; older ones are in the list of actions.
pub const PROGRAM_ACTIONS_MISSED_MAX: usize = 5_000;
/// Event streams of one user.
pub const STREAMS_PER_USER_MAX: usize = 50;

/// Bytes of the file of hosts known for referrer spam.
pub const REFERRER_SPAM_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Entries of one list of exclusions.
pub const EXCLUSIONS_PER_LIST_MAX: usize = 200;
/// Bytes of an entry of such a list.
pub const EXCLUSION_BYTES_MAX: usize = 256;
/// Hosts of which a site's people may say that they are the site's.
pub const SITE_HOSTS_MAX: usize = 100;
/// Hosts of which they may say that they are not.
pub const NOT_OWN_HOSTS_MAX: usize = 400;
/// Hosts that are not known as a site's and are counted by name on one day. One that comes later takes the place of
/// one with a single page view, or is counted under no name.
pub const OTHER_HOSTS_PER_DAY_MAX: usize = 50;
/// Such names that one network (IPv4 /24, IPv6 /48) may bring on one day.
pub const OTHER_HOSTS_PER_NETWORK_MAX: usize = OTHER_HOSTS_PER_DAY_MAX / NETWORK_SHARE as usize;
/// Hosts of others that page views of a site's own addresses come from and that are remembered for it; the one that came
/// first goes first.
pub const PAGE_SENDERS_PER_SITE_MAX: usize = 50;
/// Days, today among them, whose other hosts are shown.
pub const OTHER_HOSTS_DAYS: i32 = 7;
/// Page views of these days from which on a host that nobody said anything of is told on every screen that counts.
pub const OTHER_HOST_TOLD_FROM: i64 = 5;
/// Such hosts that a screen without a visit names.
pub const OTHER_HOSTS_NAMED_MAX: usize = 5;
/// Visitors whose visit was turned away that are remembered, so that its next page is turned away too.
pub const TURNED_AWAY_MAX: usize = 20_000;

/// Visits that wait for the host name of their address.
pub const LOOKUPS_WAITING_MAX: usize = 2_000;
/// Visits of one network (IPv4 /24, IPv6 /48) among these.
pub const LOOKUPS_PER_NETWORK_MAX: usize = LOOKUPS_WAITING_MAX / NETWORK_SHARE as usize;
/// Host names that are looked up at once.
pub const LOOKUPS_AT_ONCE: usize = 64;
/// Bytes of a stored host name.
pub const HOSTNAME_BYTES_MAX: usize = 253;
