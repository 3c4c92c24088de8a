-- Mail that people can end, and whose failure they see.
alter table outbox add column told_user_id integer references users (id) on delete set null;
alter table outbox add column unsubscribe text;
alter table outbox add column sender text;
create index outbox_by_told_user on outbox (told_user_id) where told_user_id is not null;

-- Uptime: pages that are checked again and again, and what the last check found.
create table monitors (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null default '',          -- empty: the host and path of its address name it
  url text not null,
  every_minutes integer not null,         -- 1 to 60
  statuses text not null,                 -- expected, such as 200-299,301
  must_contain text not null default '',  -- empty: anything
  must_not_contain text not null default '',
  timeout_seconds integer not null,
  created_at integer not null,
  paused_at integer,
  due_at integer not null,                -- the next check
  checked_at integer,                     -- the last check
  failures integer not null default 0,    -- failed checks in a row
  failing_since integer,                  -- the first of them
  problem text,                           -- the cause of the last one
  certificate_expires_at integer          -- of the last answer over HTTPS
) strict;
create index monitors_by_site on monitors (site_id);
create index monitors_by_due on monitors (due_at) where paused_at is null;

-- Checks of the last days.
create table monitor_checks (
  monitor_id integer not null references monitors (id) on delete cascade,
  at integer not null,
  milliseconds integer,                   -- until the answer was read; null: no answer
  status integer,                         -- the HTTP status; null: no answer
  problem text,                           -- null: as expected
  primary key (monitor_id, at)
) strict, without rowid;

-- Sums of checks by hour, kept for longer.
create table monitor_hours (
  monitor_id integer not null references monitors (id) on delete cascade,
  hour integer not null,                  -- hours since 1970
  checks integer not null default 0,
  failures integer not null default 0,
  answers integer not null default 0,     -- checks as expected, whose times the next two columns are of
  milliseconds integer not null default 0,
  slowest integer not null default 0,     -- milliseconds
  watched integer not null default 0,     -- milliseconds in which the monitor is known to be up or down
  down integer not null default 0,        -- milliseconds of them in an outage
  primary key (monitor_id, hour)
) strict, without rowid;

-- Outages of monitors: three failed checks in a row.
create table outages (
  id integer primary key autoincrement,
  monitor_id integer not null references monitors (id) on delete cascade,
  began_at integer not null,              -- the first failed check
  confirmed_at integer not null,          -- the third one
  ended_at integer,                       -- null: it goes on
  is_cut integer not null default 0,      -- 1: it ended because its monitor was paused or changed, not because the page is up
  cause text not null,
  network text not null                   -- fine; own: this server's network was down; unknown: nobody could be asked
) strict;
create index outages_by_monitor on outages (monitor_id, began_at);
create index outages_by_confirmed on outages (confirmed_at);
create index outages_by_ended on outages (ended_at) where ended_at is not null;

-- Alerts of sites, and of their people alone.
create table alerts (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  user_id integer references users (id) on delete cascade,  -- whose own alert it is; null: of the whole site
  kind text not null,                     -- see model::alert::AlertKind
  threshold integer not null,             -- visits, visitors, conversions, minor units of the currency, views, days or hours
  percent integer not null default 0,     -- the change from which on traffic is unusual; 0: of another kind
  goal_id integer references goals (id) on delete cascade,  -- whose conversions or revenue are counted; null: of all goals
  mode text not null default 'each',      -- of a goal: each, first, over
  segment text not null default '',       -- filters as in a URL, which visits must match; empty: all visits
  tells_end integer not null default 0,   -- 1: also when things are back to normal
  by_mail integer not null default 1,
  created_at integer not null,
  stopped_at integer,                     -- null: it watches
  stopped_because text,                   -- a sentence for its owner
  state text not null default '{}'        -- what it remembers between two looks, as JSON
) strict;
create index alerts_by_site on alerts (site_id);
create index alerts_by_user on alerts (user_id) where user_id is not null;
create index alerts_by_goal on alerts (goal_id) where goal_id is not null;

-- Webhooks that alerts of whole sites call.
create table alert_webhooks (
  alert_id integer not null references alerts (id) on delete cascade,
  webhook_id integer not null references webhooks (id) on delete cascade,
  primary key (alert_id, webhook_id)
) strict, without rowid;
create index alert_webhooks_by_webhook on alert_webhooks (webhook_id);

-- Events: what alerts told, with the numbers that made it. A key names the event, so that none is told twice.
create table alert_events (
  id integer primary key autoincrement,
  alert_id integer not null references alerts (id) on delete cascade,
  key text not null,
  fired_at integer not null,
  ended_at integer,                       -- when things were back to normal; null: not yet, or it has no end
  title text not null,                    -- one sentence
  numbers text not null,                  -- JSON
  link text not null,                     -- the path of the screen that shows it
  unique (alert_id, key)
) strict;

-- The people who were told of an event.
create table alert_receipts (
  user_id integer not null references users (id) on delete cascade,
  event_id integer not null references alert_events (id) on delete cascade,
  seen_at integer,                        -- when they saw it in their list; null: not yet
  mailed_at integer,                      -- when a letter told it; null: none did
  is_held_back integer not null default 0,  -- 1: there were too many letters; the next one says how many more there are
  primary key (user_id, event_id)
) strict, without rowid;
create index alert_receipts_by_event on alert_receipts (event_id);

-- Webhooks of sites: addresses at which programs and chat services are told of alerts.
create table webhooks (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null,
  format text not null,                   -- json, slack, discord, teams, ntfy
  url text not null,
  secret blob not null,                   -- the key of signatures; only the format json signs
  old_secret blob,                        -- the key before the last rotation, which signs too …
  old_secret_until integer,               -- … until this time
  is_paused integer not null default 0,
  created_at integer not null
) strict;
create index webhooks_by_site on webhooks (site_id);

-- Messages to webhooks, written in the transaction of their cause.
create table webhook_deliveries (
  id integer primary key autoincrement,
  webhook_id integer not null references webhooks (id) on delete cascade,
  message_id text not null unique,        -- the same at every try, so that receivers know a duplicate
  title text not null,
  event text not null,                    -- what happened, as JSON; formatted when it is sent
  created_at integer not null,
  due_at integer,                         -- the next try; null: delivered or given up
  tries integer not null default 0,
  tried_at integer,                       -- the last try
  milliseconds integer,                   -- how long the last try took
  status integer,                         -- the HTTP status of the last answer
  answer text,                            -- the beginning of the last answer's body
  problem text,                           -- why the last try failed; null: it succeeded
  delivered_at integer,
  given_up_at integer
) strict;
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id);
create index webhook_deliveries_by_due on webhook_deliveries (due_at) where due_at is not null;

-- Letters that their receivers can end without signing in.
create table unsubscribes (
  token text primary key,
  kind text not null,                     -- alert, digest
  item_id integer not null,               -- the alert or digest
  user_id integer references users (id) on delete cascade,  -- the receiver; null: an address outside, which the item knows
  site_id integer references sites (id) on delete cascade,  -- null: more than one site
  title text not null,                    -- what ends, in the words of its letters
  created_at integer not null,
  ended_at integer                        -- null: the letters go on
) strict, without rowid;
create unique index unsubscribes_by_item on unsubscribes (kind, item_id, ifnull(user_id, 0));

-- E-mail reports: of a person about sites, or of one site to an address outside by a guest link.
create table digests (
  id integer primary key autoincrement,
  user_id integer references users (id) on delete cascade,        -- whose it is; null: it goes outside
  site_id integer references sites (id) on delete cascade,        -- outside: the site; null: see digest_sites
  link_id integer references links (id) on delete set null,       -- outside: the guest link whose reports it shows
  recipient text,                         -- outside: the address
  made_by integer references users (id) on delete set null,       -- outside: who made it; null: the command line
  rhythm text not null,                   -- daily, weekly or monthly
  created_at integer not null,
  since_at integer not null,              -- periods whose letters were due before are not sent
  paused_at integer,
  confirm_hash blob,                      -- outside: the SHA-256 of the link that confirms the address
  asked_at integer,                       -- outside: when that link was sent
  confirmed_at integer,                   -- outside: when the address was confirmed
  ended_at integer,
  ended_why text,                         -- no-access, link-removed or link-expired
  check ((user_id is null) <> (recipient is null))
) strict;
create index digests_by_user on digests (user_id) where user_id is not null;
create index digests_by_site on digests (site_id) where site_id is not null;
create index digests_by_link on digests (link_id) where link_id is not null;
create index digests_by_made_by on digests (made_by) where made_by is not null;
create unique index digests_by_confirmation on digests (confirm_hash) where confirm_hash is not null;

-- The sites of a person's e-mail reports.
create table digest_sites (
  digest_id integer not null references digests (id) on delete cascade,
  site_id integer not null references sites (id) on delete cascade,
  primary key (digest_id, site_id)
) strict, without rowid;
create index digest_sites_by_site on digest_sites (site_id);

-- The periods about which an e-mail report was sent: each one once.
create table digest_periods (
  digest_id integer not null references digests (id) on delete cascade,
  last_day integer not null,              -- days since 1970
  first_day integer not null,             -- days since 1970
  sent_at integer not null,
  primary key (digest_id, last_day, first_day)
) strict, without rowid;
