//! Every limit of the program, with its unit in its name. A refusal names its reason where the person can see it.

use std::time::Duration;

/// Largest body of a beacon or a form.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// Largest body of a form with lists of exclusions: all of them full, each byte written as three.
pub const LISTS_FORM_BYTES_MAX: usize =
    5 * 3 * EXCLUSIONS_PER_LIST_MAX * (EXCLUSION_BYTES_MAX + 2) + BODY_BYTES_MAX;
/// Longest address of a page, a download or a link that is kept.
pub const URL_BYTES_MAX: usize = 2_048;
/// Longest title that is kept.
pub const TITLE_BYTES_MAX: usize = 512;
/// Longest user agent that is looked at.
pub const AGENT_BYTES_MAX: usize = 1_024;
/// Bytes of a user agent that the rules for browsers and systems read: their time grows with its length.
pub const AGENT_RULES_BYTES_MAX: usize = 512;
/// Longest name of a platform that a browser's hint may give.
pub const PLATFORM_BYTES_MAX: usize = 32;
/// Longest short text of a beacon: language, screen, names of goals, tests and versions.
pub const WORD_BYTES_MAX: usize = 128;
/// Longest value of one piece of custom data.
pub const CUSTOM_BYTES_MAX: usize = 255;
/// Pieces of custom data that one visit may carry.
pub const CUSTOM_KEYS_MAX: usize = 20;
/// Unknown names of an address that a guest's page says it ignores; of more it says that there are others.
pub const IGNORED_NAMES_TOLD_MAX: usize = 5;
/// The length of such a name, if it is to be told.
pub const IGNORED_NAME_CHARS_MAX: usize = 40;
/// Letters by which a misspelled name may differ from the one that is proposed instead.
pub const MISSPELLED_LETTERS_MAX: usize = 2;
/// Reports that a command names one by one; of more it says how many there are.
pub const REPORTS_NAMED_MAX: usize = 8;
/// Parameters of a beacon that are looked at; further ones are passed over.
pub const PARAMETERS_MAX: usize = 128;
/// Heatmap clicks that one beacon may carry.
pub const HEATMAP_CLICKS_MAX: usize = 50;
/// Heatmap clicks kept of one visit.
pub const HEATMAP_CLICKS_PER_VISIT_MAX: i64 = 500;
/// Conversions kept of one visit.
pub const CONVERSIONS_PER_VISIT_MAX: i64 = 100;
/// Split-test versions kept of one visit.
pub const SPLITS_PER_VISIT_MAX: i64 = 50;

/// A visit ends after this long without an action or a ping.
pub const VISIT_IDLE: Duration = Duration::from_mins(30);
/// The longest stay that is one visit; what follows opens the next.
pub const VISIT_HOURS_MAX: i64 = 12;
/// How far ahead of the clock the number of a new visit may be, where a clock was ahead before.
pub const CLOCK_AHEAD_MAX: Duration = Duration::from_mins(1);
/// Moment, in milliseconds since 1970; a clock that shows an earlier one was never set: 2026-01-01, before
/// the first release of this program.
pub const CLOCK_SET_SINCE_MILLISECONDS: i64 = 1_767_225_600_000;
/// Largest difference between the clock and the time that the program expects at which the clock is still
/// believed: a restart takes a while.
pub const CLOCK_JUMP_MAX: Duration = Duration::from_hours(6);
/// Time for which a clock that jumped has to run steadily, while the program runs, before anything is deleted
/// by its age.
pub const CLOCK_BELIEVED_AFTER: Duration = Duration::from_hours(24);
/// Actions of one visit; further ones are refused as `visit-full`.
pub const VISIT_ACTIONS_MAX: i64 = 1_000;
/// How long after a day's end a hit may still change one of its visits, with a margin for clocks: then it is sealed.
pub const DAY_SETTLES_AFTER: Duration = Duration::from_hours(VISIT_HOURS_MAX.unsigned_abs() + 1);
/// Somebody is online who was active this recently.
pub const ONLINE: Duration = Duration::from_mins(5);

/// Hits that a site takes from one address (IPv6: one /64) in a minute unless its settings say otherwise; generous,
/// since an office or a phone network shares one. Settings may say less, and as much as ten times that.
pub const HITS_PER_ADDRESS_MINUTE_MAX: u32 = 30_000;
/// Actions in a day that a site's own limit may be set to.
pub const ACTIONS_PER_DAY_MAX: i64 = 1_000_000_000;
/// Addresses whose hits are counted at once; when more come, counting starts again.
pub const ADDRESSES_COUNTED_MAX: usize = 200_000;
/// Hits that are kept as samples of one site, day and reason for leaving them out.
pub const SAMPLES_PER_REASON_MAX: usize = 20;
/// Samples of one network (IPv4 /24, IPv6 /48) among these.
pub const SAMPLES_PER_NETWORK_MAX: usize = 5;
/// Days for which samples are kept.
pub const SAMPLE_DAYS: i32 = 30;
/// Longest page, agent or domain of a sample.
pub const SAMPLE_BYTES_MAX: usize = 200;
/// New pages, files and links, with their titles, that the visitors of one site may add in a day; later ones
/// are stored as "(other)". A program with the admin key may add as many again, and so may an import;
/// likewise for the next three limits.
pub const NEW_PAGES_PER_SITE_DAY_MAX: u32 = 50_000;
/// New texts of referrers, searches and campaigns.
pub const NEW_SOURCES_PER_SITE_DAY_MAX: u32 = 25_000;
/// New texts of custom data, goals, split tests and players.
pub const NEW_CUSTOM_PER_SITE_DAY_MAX: u32 = 20_000;
/// New texts of browsers, systems, screens, languages and places.
pub const NEW_DEVICES_PER_SITE_DAY_MAX: u32 = 5_000;
/// Divisor of a network's share (IPv4 /24, IPv6 /48): it may use one in so many of what a site's visitors
/// share in a day.
pub const NETWORK_SHARE: u32 = 10;
/// Networks whose use of such budgets is counted at once, for each site and kind; when more come, those that
/// used least are forgotten.
pub const NETWORKS_COUNTED_MAX: usize = 200_000;
/// Budgets of sites that are counted at once, for each kind of text and of sender.
pub const BUDGETS_COUNTED_MAX: usize = 100_000;

/// Jobs waiting for the writer; a further one is answered 503.
pub const QUEUE_JOBS_MAX: usize = 8_192;
/// Jobs written in one transaction.
pub const BATCH_JOBS_MAX: usize = 1_024;
/// Pause before the log repeats a line about the same cause.
pub const LOG_LINE_EVERY: Duration = Duration::from_mins(1);
/// Causes of such lines that are told apart in that time.
pub const LOG_CAUSES_MAX: usize = 500;
/// Time for which a successful write proves that more can be written; after it, `/healthz` tries one.
pub const HEALTH_HOLDS: Duration = Duration::from_secs(10);
/// Time for which a failed write proves that none can be written.
pub const FAULT_HOLDS: Duration = Duration::from_secs(1);
/// Time for which a request of `/healthz` waits for such a try.
pub const HEALTH_WITHIN: Duration = Duration::from_secs(5);
/// How long a full queue asks its callers to wait.
pub const BUSY_RETRY_AFTER: Duration = Duration::from_secs(2);
/// Frames in the write-ahead log after which a checkpoint runs beside the writer (4 KiB each: 8 MiB).
pub const CHECKPOINT_FRAMES: i64 = 2_000;
/// Frames in the write-ahead log after which the writer itself waits for a checkpoint (64 MiB).
pub const WAL_FRAMES_MAX: i64 = 16_000;
/// Reading connections.
pub const READERS_MAX: u32 = 4;
/// Guests whose questions are answered at once: the other readers are left for everybody else.
pub const GUESTS_ASKING_MAX: usize = 2;
/// Guests who wait for their turn.
pub const GUESTS_WAITING_MAX: usize = 1_000;
/// Page cache of the writing connection.
pub const WRITER_CACHE_KIB: i64 = 24 * 1024;
/// Page cache of one reading connection.
pub const READER_CACHE_KIB: i64 = 4 * 1024;
/// Links that are followed from the name of a data file to the file.
pub const LINKS_FOLLOWED_MAX: usize = 40;
/// Pages of the file that are copied before the copy checks whether it may go on (4 KiB each: 4 MiB).
pub const COPY_PAGES_PER_STEP: i32 = 1_000;
/// Bytes that the write-ahead log may grow to while a copy of the file is made, since the log can't begin
/// anew before the copy ends; at this size the copy is given up.
pub const COPY_LOG_BYTES_MAX: u64 = 1024 * 1024 * 1024;
/// Bytes of the write-ahead log from which on it is truncated after a copy: it does not shrink by itself.
pub const COPY_LOG_BYTES_CUT: u64 = 2 * 4_096 * WAL_FRAMES_MAX.unsigned_abs();
/// Steps of SQLite's machine between two checks whether a copy that is being verified is still needed.
pub const COPY_OPERATIONS_PER_LOOK: i32 = 100_000;
/// Backups that may be kept in one folder.
pub const BACKUPS_KEPT_MAX: usize = 10_000;
/// Shortest time between two backups of `serve`.
pub const BACKUP_EVERY_MIN: Duration = Duration::from_mins(1);
/// Longest time between two backups of `serve`.
pub const BACKUP_EVERY_MAX: Duration = Duration::from_hours(366 * 24);
/// How long a command waits for another process that is writing.
pub const FILE_WAIT: Duration = Duration::from_secs(10);
/// Steps of SQLite's machine between two looks whether somebody still waits for the answer.
pub const READ_OPERATIONS_PER_LOOK: i32 = 10_000;
/// Time for a screen; then it is answered with a sentence that says what to narrow. Files have no deadline.
pub const SCREEN_WITHIN: Duration = Duration::from_secs(10);
/// How long a request waits for a reading connection, and a guest for a turn.
pub const READER_WAIT: Duration = Duration::from_secs(2);
/// The pause between two slices of a long deletion: longer than a waiting writer sleeps, so that it gets its turn.
pub const DELETE_PAUSE: Duration = Duration::from_millis(120);
/// Rows that one transaction of a long deletion takes.
pub const DELETE_ROWS_PER_SLICE: usize = 5_000;

/// Visits of one visitor that one transaction erases.
pub const ERASE_VISITS_PER_SLICE: usize = 100;
/// Visits that one slice of a visitor's export holds.
pub const PERSON_SLICE_VISITS: usize = 50;
/// Shortest text that is taken for a person's where it is a part of a filter, or a part of it is one.
pub const NAMING_BYTES_MIN: usize = 4;
/// How long the log waits for its readers to be cut: others can't write meanwhile.
pub const LOG_WAIT: Duration = Duration::from_millis(100);
/// How often a command tries to cut the log before it leaves that to the server.
pub const LOG_TRIES: u32 = 20;
/// How often a command reads all rows for texts that nobody uses, when an import comes between.
pub const MARK_TRIES: u32 = 3;
/// How often a day that is to be dropped is counted anew because something came between.
pub const COUNT_TRIES: u32 = 3;
/// Days that visits may be kept at most, where they are not kept for good.
pub const VISITS_KEPT_DAYS_MAX: i64 = 3_650;
/// Bytes at a file's beginning, of the text inside where it is compressed, by which an import knows it again.
pub const IMPORT_HEAD_BYTES: usize = 64 * 1024;
/// Longest line of hits or of a web server's log that is imported.
pub const IMPORT_LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest line of an exported site: a visit with a thousand long addresses.
pub const IMPORT_VISIT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Lines at a file's beginning by which its format is told.
pub const IMPORT_LINES_TRIED: usize = 100;
/// One bad line of so many stops an import before anything is written …
pub const IMPORT_BAD_ONE_OF: u64 = 100;
/// … when there are at least so many.
pub const IMPORT_BAD_MIN: u64 = 10;
/// Bad lines that an import names.
pub const IMPORT_BAD_TOLD: usize = 20;
/// Lines that are read ahead of those that are written, by so many at a time …
pub const IMPORT_BATCH_LINES: usize = 256;
/// … and so often.
pub const IMPORT_BATCHES_AHEAD: usize = 64;
/// How long one transaction of an import works while a server runs on the same file.
pub const IMPORT_SLICE: Duration = Duration::from_millis(15);
/// How long it works when nobody else has the file open.
pub const IMPORT_SLICE_ALONE: Duration = Duration::from_millis(200);
/// How often it pauses even then, so that somebody who comes meanwhile gets a turn.
pub const IMPORT_PAUSE_EVERY: Duration = Duration::from_secs(2);
/// How long an import that was stopped may be taken up again with the salts that it made, and how long no visit of half a
/// site is dropped.
pub const IMPORT_WITHIN: Duration = Duration::from_hours(24);
/// Numbers of sites of an exported site's file are below this: what the numbers of JSON hold exactly.
pub const SITE_ID_END: i64 = 1 << 53;
/// The last moment that such a file may name: the beginning of the year 2200.
pub const FILE_MOMENT_MAX: i64 = FILE_DAY_MAX as i64 * 24 * 3_600_000;
/// The same as a day.
pub const FILE_DAY_MAX: i32 = 84_006;
/// The largest count or sum of such a file: so many days of it still add up.
pub const FILE_COUNT_MAX: i64 = 1 << 40;
/// The largest file that such a file may say was imported.
pub const FILE_BYTES_MAX: i64 = 1 << 53;
/// Longest name of a file that it may say was imported.
pub const FILE_NAME_BYTES_MAX: usize = 1_024;
/// Longest list of names of reports and the like.
pub const FILE_NAMES_BYTES_MAX: usize = 4_096;
/// What a goal brings in stays below this.
pub const REVENUE_MAX: f64 = 1e12;
/// Pixels from a page's edge at which a click may be.
pub const HEATMAP_PIXELS_MAX: i64 = 100_000;
/// Visits that are exported in one go.
pub const EXPORT_VISITS: i64 = 2_000;

/// Texts whose label the writer remembers.
pub const LABELS_CACHED_MAX: usize = 50_000;
/// Longest text whose label the writer remembers.
pub const LABEL_CACHED_BYTES_MAX: usize = 256;
/// Sources whose row the writer remembers, and as many machines and places.
pub const CIRCUMSTANCES_CACHED_MAX: usize = 20_000;
/// Open visits that the writer remembers; others are found in the file.
pub const VISITS_CACHED_MAX: usize = 50_000;
/// User agents whose meaning is remembered.
pub const AGENTS_CACHED_MAX: usize = 4_000;
/// Live actions that a slow stream may fall behind before it must catch up from the file.
pub const LIVE_BACKLOG_MAX: usize = 4_096;
/// Actions that Spy shows at most.
pub const SPY_ACTIONS_MAX: usize = 200;
/// How far back Spy looks for its first lines, and a returning stream for its gap.
pub const SPY_BACK: Duration = Duration::from_mins(30);
/// Events that wait for the reader of a stream; together with those being written they are all that a stream
/// holds in memory for a client that does not read.
pub const STREAM_EVENTS_WAITING_MAX: usize = 16;
/// Live actions that are read from the file and written into a stream at once.
pub const STREAM_EVENTS_AT_ONCE: usize = 50;
/// Event streams open at once.
pub const STREAMS_MAX: usize = 500;
/// Of these, event streams of guests; the others are kept for people who are signed in.
pub const GUEST_STREAMS_MAX: usize = 300;
/// Event streams of one guest link.
pub const STREAMS_PER_LINK_MAX: usize = 100;
/// Event streams of guests from one address (IPv6: one /64).
pub const GUEST_STREAMS_PER_ADDRESS_MAX: usize = 20;
/// Event streams of guests from one network (IPv4 /24, IPv6 /48).
pub const GUEST_STREAMS_PER_NETWORK_MAX: usize = 60;
/// Event streams of one person.
pub const STREAMS_PER_USER_MAX: usize = 50;

/// Changed visits of one site that are remembered for reports; beyond that a report reads the day anew.
pub const CHANGES_PER_SITE_MAX: usize = 4_096;
/// Sites whose changed visits are remembered at once.
pub const SITES_WATCHED_MAX: usize = 2_000;
/// Rows of a column from which on its sums by key are kept beside it.
pub const SUMMED_ROWS_MIN: usize = if cfg!(test) { 4 } else { 4_096 };
/// Visits up to which a stretch of sealed days is stored in one piece; days of small sites are merged into months and
/// years as long as these have no more. (In unit tests few visits shall go all ways.)
pub const WHOLE_VISITS_MAX: usize = if cfg!(test) { 6 } else { 5_000 };
/// Visits from which on a question is counted on all processors.
pub const VISITS_PER_LANE: usize = if cfg!(test) { 12 } else { 50_000 };
/// Items that a report counts in memory: where there are more, they are written aside in parts.
pub const ITEMS_COUNTED_MAX: usize = if cfg!(test) { 6 } else { 114_000 };
/// Parts in which items are written aside; one of more items than fit into memory is parted again.
pub const SPILL_PARTS: usize = if cfg!(test) { 4 } else { 256 };
/// Bytes of each part that are written aside at a time.
pub const SPILL_BUFFER_BYTES: usize = if cfg!(test) { 32 } else { 16 * 1024 };
/// Items of a report that share a count and are sorted by their texts; more of them are sorted by a hash of
/// the text, so that nobody reads millions of texts for a page of fifty.
pub const TIES_SORTED_MAX: usize = if cfg!(test) { 3 } else { 50_000 };
/// Visitors of a report that can be searched and sorted by what they are called: each one's newest visit is read for it.
pub const VISITORS_NAMED_MAX: usize = if cfg!(test) { 4 } else { 50_000 };
/// Bytes of blocks that one transaction of the sealing writes.
pub const SEAL_SLICE_BYTES: usize = 512 * 1024;
/// Stretches of days that have loaded but not been looked at yet, for each processor.
pub const STRETCHES_AHEAD: usize = 4;
/// Bytes of decoded columns that reports keep in memory.
pub const COLUMNS_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Visits that a demo may have.
pub const DEMO_VISITS_MAX: u64 = 20_000_000;
/// Visits that wait for the name of their address.
pub const LOOKUPS_WAITING_MAX: usize = 2_000;
/// Visits of one network (IPv4 /24, IPv6 /48) among these.
pub const LOOKUPS_PER_NETWORK_MAX: usize = LOOKUPS_WAITING_MAX / NETWORK_SHARE as usize;
/// Names that are asked for in one go.
pub const LOOKUPS_AT_ONCE: usize = 64;
/// Longest host name that is kept.
pub const HOSTNAME_BYTES_MAX: usize = 253;
/// Conditions that one question may have.
pub const CONDITIONS_MAX: usize = 20;
/// Values that one condition may name.
pub const CONDITION_VALUES_MAX: usize = 100;
/// Longest value of a condition: an address of a page.
pub const CONDITION_BYTES_MAX: usize = URL_BYTES_MAX;
/// Longest text of all conditions of one question, as an address has them. Room for the longest value, each of its bytes
/// written as three: whatever a row says can be chosen.
pub const CONDITIONS_BYTES_MAX: usize = 3 * CONDITION_BYTES_MAX + 1_024;
/// Longest text of conditions that are read where they were kept. What is kept now is no longer than
/// `CONDITIONS_BYTES_MAX`.
pub const SEGMENT_BYTES_MAX: usize = 16 * 1024;
/// Longest text that the links of a page carry along: conditions, and as much of everything else.
pub const ADDRESS_BYTES_MAX: usize = 2 * CONDITIONS_BYTES_MAX;
/// Bytes that the rows of a page carry along, if each had one link; most have five. Fewer rows are shown where the address
/// is long.
pub const CARRIED_BYTES_MAX: usize = 512 * 1024;
/// Characters of the name of a segment.
pub const SEGMENT_NAME_CHARS_MAX: usize = 60;
/// Segments of everybody, of one site.
pub const SEGMENTS_PER_SITE_MAX: i64 = 100;
/// Segments of one person, of one site.
pub const SEGMENTS_PER_USER_MAX: i64 = 50;

/// Rows of a list on one page, when the address does not say.
pub const PAGE_ROWS: u32 = 50;
/// Rows of a list on one page at most.
pub const PAGE_ROWS_MAX: u32 = 1_000;
/// Rows of a list that are exported in one go.
pub const EXPORT_SLICE_ROWS: u32 = 2_000;
/// Items of the second report that the file of a breakdown tells of: the most frequent ones.
pub const BREAKDOWN_EXPORT_COLUMNS_MAX: u32 = 200;
/// Days of a range at most.
pub const RANGE_DAYS_MAX: i32 = 3_700;

/// Characters of a password at least.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Bytes of a password at most: what bcrypt looks at, less its closing zero.
pub const PASSWORD_BYTES_MAX: usize = 71;
/// bcrypt's work factor.
pub const PASSWORD_COST: u32 = 12;
/// Passwords that are being checked at once.
pub const PASSWORD_CHECKS_MAX: usize = 2;
/// Passwords of strangers that wait to be checked, and as many of known requesters. One more drops the
/// requester with most tries, with a 503.
pub const PASSWORDS_WAITING_MAX: usize = 500;
/// Failed sign-ins of one name from one network (IPv4 /24, IPv6 /48) or known device before it has to wait;
/// one more is allowed every `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NAME: u32 = 10;
/// Failed sign-ins of strangers at one address before it has to wait; one more is allowed every `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_ADDRESS: u32 = 20;
/// Failed sign-ins of strangers in one network before it has to wait; one more is allowed every
/// `SIGN_IN_PAUSE`.
pub const SIGN_IN_TRIES_PER_NETWORK: u32 = 60;
/// The pause after which one further failed sign-in is allowed.
pub const SIGN_IN_PAUSE: Duration = Duration::from_secs(30);
/// Bytes of a typed name that tell its failed sign-ins from another's: the longest e-mail address.
pub const GUESSED_NAME_BYTES_MAX: usize = 254;
/// Names, addresses and networks whose tries are remembered; beyond it, faded tries and then the fewest are
/// dropped.
pub const TRIES_REMEMBERED_MAX: usize = 50_000;
/// How long a sign-in lasts without use.
pub const SIGN_IN_IDLE: Duration = Duration::from_hours(30 * 24);
/// How often the last use of a sign-in is written down.
pub const SIGN_IN_SEEN_EVERY: Duration = Duration::from_mins(10);
/// Time for which a browser is a known device after its last sign-in.
pub const DEVICE_LASTS: Duration = Duration::from_hours(365 * 24);
/// Known devices of one user; beyond it, those unused for longest are forgotten.
pub const DEVICES_PER_USER_MAX: i64 = 30;

/// Half sign-ins that wait for the second factor; when more come, the oldest of the user with most of them
/// has to begin again.
pub const HALF_SIGN_INS_MAX: usize = 10_000;
/// Half sign-ins of one user from one network or known device; when more come, the oldest of them has to
/// begin again.
pub const HALF_SIGN_INS_PER_LANE_MAX: usize = 5;
/// How long a password that was right waits for the second factor.
pub const HALF_SIGN_IN_LASTS: Duration = Duration::from_mins(5);
/// Wrong codes of one half sign-in before it has to begin again.
pub const CODES_PER_SIGN_IN_MAX: u32 = 5;
/// Wrong codes of one user from one network, known device or session before it has to wait; one more is
/// allowed every `CODE_PAUSE`.
pub const CODES_PER_USER: u32 = 10;
/// The pause after which one further wrong code is allowed.
pub const CODE_PAUSE: Duration = Duration::from_mins(10);
/// Wrong codes of one user under one password from all unknown browsers together, before these have to wait;
/// one more is allowed every `STRANGERS_CODE_PAUSE`. Of a million codes three are right at any time: a day's
/// tries from however many networks find one with 1 in 400.
pub const STRANGERS_CODES_PER_USER: u32 = 100;
/// The pause after which one further wrong code from an unknown browser is allowed.
pub const STRANGERS_CODE_PAUSE: Duration = Duration::from_mins(2);
/// Wrong codes in a row after which the person is told: somebody knows the password.
pub const WRONG_CODES_TOLD: u32 = 10;
/// Recovery codes that a person has.
pub const RECOVERY_CODES: usize = 10;
/// How long a link that sets a new password holds.
pub const RESET_LASTS: Duration = Duration::from_hours(1);
/// Links of one person that hold at once: no further letter is written as long as there are as many.
pub const RESETS_PER_USER_MAX: i64 = 3;
/// Letters with such a link for one name from one network before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NAME: u32 = 3;
/// Letters with such a link that one address may ask for before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const RESETS_PER_ADDRESS: u32 = 10;
/// Letters with such a link that one network may ask for before it has to wait; one more every
/// `SIGN_IN_PAUSE`.
pub const RESETS_PER_NETWORK: u32 = 30;
/// Letters with such a link that one user may ask for their sub-accounts; one more every `SIGN_IN_PAUSE`.
pub const RESETS_PER_PERSON: u32 = 10;
/// Bytes of an e-mail address (RFC 5321 leaves as many between the brackets of a path).
pub const EMAIL_BYTES_MAX: usize = 254;
/// How long a link holds that proves an e-mail address.
pub const PROOF_LASTS: Duration = Duration::from_hours(3 * 24);
/// Links of one person that hold at once, whatever the address: further letters are not written.
pub const PROOFS_PER_USER_MAX: i64 = 3;
/// Links to one e-mail address that are valid at once, from all accounts: several may enter the same address.
pub const PROOFS_PER_MAILBOX_MAX: i64 = 12;
/// Guesses at who has an account before somebody has to wait: names that nobody has when they share a site, names and
/// addresses that somebody has when they take one. One more every `SIGN_IN_PAUSE`.
pub const NAME_GUESSES_PER_USER: u32 = 10;
/// Such guesses of strangers at one address.
pub const NAME_GUESSES_PER_ADDRESS: u32 = 20;
/// Such guesses of all signed-in users behind one address, and of strangers in one network.
pub const NAME_GUESSES_PER_CROWD: u32 = 60;
/// How often somebody may let people in before they have to wait: both answers tell whether an address has an account
/// here, and write to it. None is given back; one more every `SHARE_PAUSE`.
pub const SHARES_PER_USER: u32 = 50;
/// The same, of everybody behind one address.
pub const SHARES_PER_CROWD: u32 = 200;
/// The pause after which one further person may be let in.
pub const SHARE_PAUSE: Duration = Duration::from_mins(2);
/// Letters about shared sites from one user to one mailbox before they have to wait; one more every
/// `SHARE_LETTER_PAUSE`.
pub const SHARE_LETTERS_PER_SENDER: u32 = 5;
/// Letters about shared sites to one mailbox from all users; one more every `SHARE_LETTER_PAUSE`. Beyond it
/// sites are shared without a letter.
pub const SHARE_LETTERS_PER_MAILBOX: u32 = 20;
/// The pause after which one further such letter goes to the same mailbox.
pub const SHARE_LETTER_PAUSE: Duration = Duration::from_hours(1);
/// Characters of the name of a guest link.
pub const LINK_NAME_CHARS_MAX: usize = 100;
/// Guest links of one site.
pub const LINKS_PER_SITE_MAX: i64 = 100;
/// How long a browser that gave a guest link's password is not asked again.
pub const LINK_PASS_LASTS: Duration = Duration::from_hours(7 * 24);
/// Wrong passwords of one guest link from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_LINK: u32 = 20;
/// Wrong passwords of guest links from one address before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_ADDRESS: u32 = 10;
/// Wrong passwords of guest links from one network before it has to wait; one more every `SIGN_IN_PAUSE`.
pub const LINK_TRIES_PER_NETWORK: u32 = 40;
/// Origins whose pages may hold one guest link in a frame.
pub const EMBED_ORIGINS_MAX: usize = 20;
/// Characters of the name under which a site's guest links go.
pub const BRAND_NAME_CHARS_MAX: usize = 60;
/// Characters of the line at the foot of guest links' pages.
pub const BRAND_FOOTER_CHARS_MAX: usize = 200;
/// Largest picture that is taken as a logo.
pub const LOGO_BYTES_MAX: usize = 512 * 1024;
/// Pixels that such a picture may be wide and high; a small file can hold a huge one.
pub const LOGO_SIDE_PIXELS_MAX: u32 = 3_000;
/// Memory that a decoded picture may take: four channels of 16 bits.
pub const LOGO_DECODED_BYTES_MAX: u64 = LOGO_SIDE_PIXELS_MAX as u64 * LOGO_SIDE_PIXELS_MAX as u64 * 8;
/// Pixels that a logo is wide at most, as it is kept.
pub const LOGO_WIDTH_PIXELS_MAX: u32 = 600;
/// Pixels that a logo is high at most, as it is kept.
pub const LOGO_HEIGHT_PIXELS_MAX: u32 = 160;
/// Pixels that the icon made of a logo is wide and high.
pub const ICON_PIXELS: u32 = 64;
/// Pictures that are decoded at once.
pub const PICTURES_AT_ONCE: usize = 1;
/// Pictures of signed-in users that wait to be decoded, and as many of guests.
pub const PICTURES_WAITING_MAX: usize = 200;
/// Bytes of a form with a file that are read, to tell whoever sends too large a file so; of more the connection is cut.
pub const UPLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long after its end, by universal time, a month is closed: it is over everywhere, and its last visits are.
pub const MONTH_CLOSES_AFTER: Duration = Duration::from_hours(48);
/// The highest price of a plan, a month.
pub const PRICE_HUNDREDTHS_MAX: i64 = 10_000_000_000;
/// Actions that a plan may include in a month, where it does not include any number.
pub const PLAN_ACTIONS_MAX: i64 = 1_000_000_000_000;
/// Sites that a plan may have room for, where it does not have room for any number.
pub const PLAN_SITES_MAX: i64 = 1_000_000;
/// Characters of a plan's name.
pub const PLAN_NAME_CHARS_MAX: usize = 100;
/// Characters of a billing contact.
pub const PLAN_CONTACT_CHARS_MAX: usize = 300;
/// Characters of the notes on a plan.
pub const PLAN_NOTES_CHARS_MAX: usize = 2_000;
/// How long the audit log remembers an act.
pub const AUDIT_KEPT: Duration = Duration::from_hours(366 * 24);
/// Longest text of an act in the audit log.
pub const AUDIT_BYTES_MAX: usize = 500;
/// Acts that one page of the audit log shows.
pub const AUDIT_PAGE_ROWS: u32 = 100;
/// Sub-accounts that one account manages.
pub const SUB_ACCOUNTS_PER_USER_MAX: usize = 500;
/// How long an invitation to see a site holds.
pub const INVITATION_LASTS: Duration = Duration::from_hours(7 * 24);
/// Invitations to one site that are open at once.
pub const INVITATIONS_PER_SITE_MAX: i64 = 100;
/// People with whom one site is shared.
pub const SHARES_PER_SITE_MAX: i64 = 500;
/// How long a site may be offered to another account.
pub const OFFER_LASTS: Duration = Duration::from_hours(7 * 24);

/// Texts of one list of exclusions.
pub const EXCLUSIONS_PER_LIST_MAX: usize = 200;
/// Longest text of such a list.
pub const EXCLUSION_BYTES_MAX: usize = 256;
/// Visitors whose visit was turned away that are remembered, so that its next page is turned away too.
pub const TURNED_AWAY_MAX: usize = 20_000;

/// How often a task's run is written down at most, unless it ended otherwise than before.
pub const TASK_NOTED_EVERY: Duration = Duration::from_mins(10);
/// Pause after which a failed task is tried again, where its next turn is later.
pub const TASK_TRIED_AGAIN: Duration = Duration::from_mins(10);
/// How long one exchange with the mail server may take.
pub const MAIL_WITHIN: Duration = Duration::from_secs(20);
/// Letters that are sent in one go.
pub const LETTERS_AT_ONCE: usize = 20;
/// The pause after a letter's first failed try; it doubles with each further one …
pub const LETTER_PAUSE: Duration = Duration::from_mins(1);
/// … up to this.
pub const LETTER_PAUSE_MAX: Duration = Duration::from_hours(3);
/// How long a letter is tried.
pub const LETTER_LASTS: Duration = Duration::from_hours(24);
/// How long it is remembered that a letter was given up.
pub const LETTER_GIVEN_UP_KEPT: Duration = Duration::from_hours(30 * 24);

/// Pages of other servers that are fetched at once.
pub const FETCHES_MAX: usize = 4;
/// Requesters who wait for a page to be fetched.
pub const FETCHES_WAITING_MAX: usize = 100;
/// How long fetching a page may take, all redirects included.
pub const FETCH_WITHIN: Duration = Duration::from_secs(10);
/// Redirects that are followed.
pub const FETCH_REDIRECTS_MAX: u32 = 5;
/// Bytes of a page that are looked at.
pub const FETCH_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// How long the last requests and jobs may take when the program is told to stop.
pub const STOP_WITHIN: Duration = Duration::from_secs(4);

/// Time for a request's head, from its first byte; for a connection's first head, from the connection's
/// beginning.
pub const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Time for a request's body, from the end of its head.
pub const BODY_WITHIN: Duration = Duration::from_secs(15);
/// Average bytes a second of a body that may take longer than `BODY_WITHIN`.
pub const BODY_BYTES_PER_SECOND_MIN: u64 = 1_024;
/// Longest time for any request's body.
pub const BODY_WITHIN_MAX: Duration = Duration::from_mins(2);
/// Time for which bytes of a response wait for a client that takes none of them. A long response has no limit
/// as a whole.
pub const WRITE_WITHIN: Duration = Duration::from_secs(30);
/// Time for which a connection stays open between two requests.
pub const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// Time for a client to close a connection that the server closes.
pub const CLOSE_WITHIN: Duration = Duration::from_secs(1);
/// Pause between two searches for overdue connections.
pub const CONNECTIONS_CHECKED_EVERY: Duration = Duration::from_secs(1);
/// Pause between two log lines about closed and refused connections.
pub const CLOSED_LOGGED_EVERY: Duration = Duration::from_mins(1);
/// Connections of one peer: an IPv4 address, an IPv6 /64. Proxies named by `--trust-proxy` and this machine
/// itself have no such limit.
pub const CONNECTIONS_PER_PEER_MAX: usize = 256;
/// Requests in flight that proxies forward from one address (IPv6: one /64).
pub const FORWARDED_REQUESTS_PER_ADDRESS_MAX: usize = 256;
/// Open files and connections that the program asks the system for; its hard limit may be lower.
pub const DESCRIPTORS_MAX: u64 = 65_536;
/// Descriptors that are not for admitted connections: the data file and its log, opened by each reader;
/// letters, pages of other servers, connections just accepted. `DESCRIPTORS_PER_WORKER` come on top.
pub const DESCRIPTORS_KEPT: usize = 128;
/// Descriptors of each event loop.
pub const DESCRIPTORS_PER_WORKER: usize = 8;
/// Accepted connections that are not admitted yet.
pub const CONNECTIONS_QUEUED_MAX: usize = 32;
/// Bytes that the system buffers for a connection before they are sent, beyond those on their way.
pub const UNSENT_BYTES: u32 = 32 * 1024;
/// Bytes of a response that are written at a time.
pub const ANSWER_PIECE_BYTES: usize = 16 * 1024;
/// Bytes of responses that wait for their clients, of all connections. When there are more, the connections
/// whose clients have taken nothing for longest are cut.
pub const ANSWERS_WAITING_BYTES_MAX: usize = 64 * 1024 * 1024;
