-- The current schema of a data file. New files are made from it; the steps in src/store/migrations bring older ones to
-- the same shape. Times are milliseconds since 1970 unless a name says otherwise. Repeated text (addresses of
-- pages, titles, agents, places) is stored once in `labels`; comments name the columns that refer to it.

-- People who sign in.
create table users (
  id integer primary key autoincrement,
  username text not null unique collate nocase,
  username_folded text not null,          -- the same for names that are alike in small letters …
  username_look text not null,            -- … or as they are written: a new name has neither in common with another one
  email text not null collate nocase,
  email_key text not null,                -- the same for all spellings of an address
  password text not null,                 -- bcrypt
  created_at integer not null,
  signed_in_at integer,
  disabled_at integer,
  second_factor blob,                     -- the secret shared with an authenticator app; none: the password is enough
  second_factor_step integer,             -- the half minute of the newest code that was used: none counts twice
  theme text not null default 'system',   -- system, light, dark
  start_page text not null default '/',   -- a path of this server
  panels text,                            -- the dashboard's panels in their order, by name; null: all, as they come
  sites_max integer,                      -- the number of sites that they may own; null: no limit
  parent_id integer references users (id) on delete set null,  -- the parent of a sub-account
  email_proved integer not null default 0,  -- 0: the address is unconfirmed and cannot be used as a name
  email_grandfathered integer not null default 0  -- 1: it may be used to sign in all the same, since it is older than that rule
) strict;
create index users_by_parent on users (parent_id) where parent_id is not null;
create unique index users_by_proved_email on users (email) where email_proved = 1;
create index users_by_email_key on users (email_key);
create index users_by_username_folded on users (username_folded);
create index users_by_username_look on users (username_look);

-- Recovery codes, by hash; each replaces the authenticator app's code once.
create table recovery_codes (
  user_id integer not null references users (id) on delete cascade,
  code_hash blob not null,
  primary key (user_id, code_hash)
) strict, without rowid;

-- Links that set a new password, by hash; each holds for an hour and once.
create table password_resets (
  token_hash blob primary key,
  user_id integer not null references users (id) on delete cascade,
  created_at integer not null
) strict, without rowid;
create index password_resets_by_user on password_resets (user_id);

-- Links that confirm an e-mail address, by hash; each is valid for some days and once. One without a user was sent with
-- an invitation: an account that is created with this address has it confirmed.
create table email_confirmations (
  token_hash blob primary key,
  user_id integer references users (id) on delete cascade,
  email text not null,
  created_at integer not null
) strict, without rowid;
create index email_confirmations_by_user on email_confirmations (user_id);

-- Browsers that are signed in, by the hash of their token.
create table sign_ins (
  token_hash blob primary key,
  user_id integer not null references users (id) on delete cascade,
  created_at integer not null,
  seen_at integer not null,
  agent text not null,
  address text not null,
  preview_site integer references sites (id) on delete set null,  -- the site that is previewed as View Only people see it
  acting_for integer references users (id) on delete set null     -- the sub-account that the person acts for
) strict, without rowid;
create index sign_ins_by_user on sign_ins (user_id);

-- Browsers in which people have signed in, by the hash of a token that they keep: failed attempts from elsewhere do not
-- count against them. Several people may sign in in one browser.
create table devices (
  token_hash blob not null,
  user_id integer not null references users (id) on delete cascade,
  seen_at integer not null,               -- the last sign-in
  agent text not null,
  address text not null,
  primary key (token_hash, user_id)
) strict, without rowid;
create index devices_by_user on devices (user_id);

-- Tracked sites. An id is public and never given twice.
create table sites (
  id integer primary key autoincrement,
  owner_id integer not null references users (id),
  domain text not null,
  name text not null,
  time_zone text not null,
  site_key text not null unique,
  site_key_admin text not null unique,
  created_at integer not null,
  cookies_allowed integer not null default 0,
  consent_needed integer not null default 0,    -- 1: no cookie, address, city or custom data before visitor_consent
  signals_honoured integer not null default 1,  -- GPC and DNT
  addresses_shortened integer not null default 1,
  hits_per_minute_max integer not null default 3000,  -- of one address
  actions_per_day_max integer,                        -- of the whole site; null: no limit
  view_only_reports text,                 -- what View Only people see: names of reports by comma; null: the usual ones
  view_only_data text,                    -- … and of visitors: live-list, single-visits, addresses, names, places
  admin_key_used_at integer,              -- about when a hit last came with the admin key
  visits_kept_days integer,               -- visits that are older are dropped, their totals stay; null: kept for good
  dropping_begins integer,                -- visit ids from this one on …
  dropping_ends integer,                  -- … to before this one are being dropped: their totals stand; null: none are
  generation integer not null default 0,  -- grows whenever visits of finished days change; data derived before is outdated
  swept integer not null default 0,       -- the generation whose unused labels are deleted, from the log too
  address_keys_since integer not null default 0,  -- visits before this one have no address_key any more
  line_key blob,                          -- keys the hashes in imported_lines; null: made when it is needed
  own_hosts_only integer not null default 1,  -- 1: hits from hosts that are not the site's are filtered
  page_origin text,                       -- scheme, host and port of the newest page view on the domain; null: none yet
  rules_changed_at integer,               -- when newer rules of counting began to hold for it; null: it began with them
  currency text not null default 'USD',   -- ISO 4217; amounts of the site are whole numbers of its minor unit
  custom_keys text not null default '',   -- keys of custom data with a report of their own, one a line
  vitals_measured integer not null default 0, -- 1: browsers measure the web vitals of its pages
  heatmap_pages text not null default '',     -- pages whose clicks and scroll depth are recorded, as patterns, one a line; empty: none
  heatmap_sample integer not null default 100,  -- of how many visits in a hundred
  heatmap_days integer not null default 365     -- clicks and depths are kept for so many days
) strict;
create index sites_by_owner on sites (owner_id);

-- The last use of a site's key by a program; none: not used since the site got that key.
create table key_uses (
  site_id integer primary key references sites (id) on delete cascade,
  used_at integer not null,               -- about
  address text not null,                  -- of the program
  user_agent text not null                -- of the program, shortened; may be empty
) strict;

-- Personal tokens, each by the hash of its text: keys with which a person's programs read what the person may read.
create table tokens (
  id integer primary key autoincrement,
  token_hash blob not null unique,
  user_id integer not null references users (id) on delete cascade,
  name text not null,
  may_write integer not null,             -- where its person is owner or Administrator
  has_all_sites integer not null,         -- 0: those in token_sites
  created_at integer not null,
  expires_at integer,
  used_at integer,                        -- about
  used_from text,                         -- the IP address of the program
  used_by text                            -- the user agent of the program, shortened; may be empty
) strict;
create index tokens_by_user on tokens (user_id);

-- The sites to which a token is limited. A token keeps its limit when its sites are deleted.
create table token_sites (
  token_id integer not null references tokens (id) on delete cascade,
  site_id integer not null references sites (id) on delete cascade,
  primary key (token_id, site_id)
) strict, without rowid;
create index token_sites_by_site on token_sites (site_id);

-- Hits that programs sent with an id of their own, by its hash, so that a hit sent again within a day counts once.
create table sent_hits (
  site_id integer not null,
  day integer not null,                   -- days since 1970, UTC
  id_hash integer not null,               -- the first 64 bits of its hash under a key made of the site's line_key
  sent_at integer not null,
  dropped text,                           -- the reason; null: recorded
  primary key (site_id, day, id_hash)
) strict, without rowid;

-- The newest of these ids, as they arrived: a row for each site and transaction. They are moved to sent_hits from time to
-- time, many at once and in its order.
create table sent_runs (
  id integer primary key,
  site_id integer not null,
  sent_at integer not null,               -- of the newest
  hits blob not null                      -- id_hash, sent_at, and the reason for each
) strict;
create index sent_runs_by_site on sent_runs (site_id);

-- Hosts that a site's people marked as the site's or not. Of the others, the domain and its subdomains are the site's.
create table site_hosts (
  site_id integer not null references sites (id) on delete cascade,
  host text not null,                     -- without www.
  is_own integer not null,                -- 0: its hits are filtered
  primary key (site_id, host)
) strict, without rowid;

-- Hosts that sent page views, filtered or not, and are not known as the site's.
create table other_hosts (
  site_id integer not null references sites (id) on delete cascade,
  day integer not null,                   -- days since 1970, in the site's zone
  host text not null,                     -- without www.
  page_views integer not null,
  filtered integer not null default 0,    -- of these
  primary key (site_id, day, host)
) strict, without rowid;

-- Exclusions of a site, and the query parameters that are not part of its pages' identity.
create table exclusions (
  site_id integer not null references sites (id) on delete cascade,
  kind text not null,                     -- address, page, country, referrer, parameter
  value text not null,
  primary key (site_id, kind, value)
) strict, without rowid;

-- Shares: the people besides the owner who may see a site.
create table shares (
  site_id integer not null references sites (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  level text not null,                    -- administrator, user, view-only
  created_at integer not null,
  given_by integer references users (id) on delete set null,  -- null: the command line, or a removed user
  given_as text,                          -- a user name or an e-mail address, as the giver typed it
  is_invited integer not null default 0,  -- taken by the link of an invitation
  seen_at integer,                        -- when the person last opened the site, about
  view_only_reports text,                 -- as the site's, for this person alone; null: as the site's
  view_only_data text,
  sees_billing integer not null default 0,  -- an Administrator who is shown the account's billing
  primary key (site_id, user_id)
) strict, without rowid;
create index shares_by_user on shares (user_id);

-- Invitations to see a site, by the hash of the link; each holds for a week and once.
create table invitations (
  token_hash blob primary key,
  site_id integer not null references sites (id) on delete cascade,
  email text not null,                    -- as it was typed; whoever holds the link may take it
  level text not null,                    -- administrator, user, view-only
  given_by integer references users (id) on delete set null,
  created_at integer not null,
  unique (site_id, email)
) strict, without rowid;

-- Guest links: the token shows the chosen reports without an account.
create table links (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  token text not null unique,
  name text not null,
  password text,                          -- bcrypt
  expires_at integer,
  reports text not null,                  -- names of reports by comma
  visitor_data text not null,             -- live-list, single-visits, addresses, names, places
  embed_origins text not null default '', -- origins whose pages may embed it, separated by spaces
  is_white_label integer not null default 0,  -- 1: shows the site's brand
  created_at integer not null,
  created_by integer references users (id) on delete set null,
  disabled_at integer,
  views integer not null default 0,
  opened_at integer,
  segment text                            -- filters as in a URL, which restrict it to matching visits; null: none
) strict;
create index links_by_site on links (site_id);

-- Browsers that gave a link's password, by the hash of their cookie.
create table link_passes (
  token_hash blob primary key,
  link_id integer not null references links (id) on delete cascade,
  created_at integer not null
) strict, without rowid;
create index link_passes_by_link on link_passes (link_id);

-- Brands that the guest links of a site show instead of Clickstead's.
create table brands (
  site_id integer primary key references sites (id) on delete cascade,
  name text not null,
  accent text,                            -- #rrggbb; null: as usual
  footer text not null default '',
  logo blob,                              -- PNG
  updated_at integer not null
) strict;

-- Transfers: sites that are offered to another account, until it accepts.
create table transfers (
  site_id integer primary key references sites (id) on delete cascade,
  offered_to text not null,               -- as it was typed
  user_id integer references users (id) on delete cascade,  -- the user who goes by that name; null: none
  created_at integer not null
) strict;
create index transfers_by_user on transfers (user_id);

-- Letters about offers of sites, by recipient and time: no second one while an offer lasts.
create table offer_letters (
  site_id integer not null references sites (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  at integer not null,
  primary key (site_id, user_id)
) strict, without rowid;

-- Plans, each from a month on: year * 12 + month - 1. The newest that is not later applies to a month.
create table plans (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,
  name text not null,
  price integer not null,                 -- a month, in hundredths of the currency
  currency text not null,                 -- three letters
  actions_max integer,                    -- included in a month; null: any number
  contact text not null,                  -- the recipient of the bill
  notes text not null,
  primary key (user_id, month)
) strict, without rowid;

-- Statements of months that are over; they never change.
create table statements (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,                 -- as in plans
  plan text not null,
  price integer not null,
  currency text not null,
  actions_max integer,
  contact text not null,
  closed_at integer not null,
  primary key (user_id, month)
) strict, without rowid;

-- Actions that a statement counted, by site that the person owned when the month was closed.
create table statement_lines (
  user_id integer not null references users (id) on delete cascade,
  month integer not null,
  site_id integer not null,
  domain text not null,
  actions integer not null,
  primary key (user_id, month, site_id)
) strict, without rowid;

-- The audit log of sites. Outlives the site; kept for a year.
create table audit (
  id integer primary key autoincrement,
  site_id integer not null,
  at integer not null,
  actor text,                             -- a user name; null: the command line
  acting_for text,                        -- the sub-account's name, where a parent acted
  act text not null,                      -- see access::audit::AuditAction
  about text not null,                    -- the person or thing concerned
  address text                            -- where the request came from; null: the command line
) strict;
create index audit_by_site on audit (site_id, id);
create index audit_by_time on audit (at);

-- Interned texts, to which rows refer.
create table labels (
  id integer primary key,
  text text not null unique
) strict;

-- Addresses of pages as rows and totals of before file version 10 have them, with http://, www., a port or small letters in
-- escapes, and the form that stands for the page since: https://, the bare host, no port. A row here lives as long as its
-- label is used.
create table page_forms (
  label integer primary key,              -- labels
  form integer not null                   -- labels
) strict;
create index page_forms_by_form on page_forms (form);

-- Sources of visits; each combination is stored once. 0: none.
create table sources (
  id integer primary key,
  channel integer not null,               -- the codes of model::channel::Channel
  referrer integer not null default 0,    -- labels: address
  referrer_domain integer not null default 0,   -- labels
  referrer_name integer not null default 0,     -- labels
  search_terms integer not null default 0,      -- labels
  campaign integer not null default 0,    -- labels, and so the four that follow
  campaign_source integer not null default 0,
  campaign_medium integer not null default 0,
  campaign_term integer not null default 0,
  campaign_content integer not null default 0,
  unique (
    referrer, search_terms, campaign, channel, referrer_domain, referrer_name,
    campaign_source, campaign_medium, campaign_term, campaign_content
  )
) strict;

-- Devices of visitors; each combination is stored once. 0: unknown.
create table machines (
  id integer primary key,
  browser integer not null default 0,     -- labels
  system integer not null default 0,      -- labels
  device_type integer not null,           -- the codes of model::device_type::DeviceType
  screen integer not null default 0,      -- labels
  language integer not null default 0,    -- labels
  unique (browser, system, screen, language, device_type)
) strict;

-- Locations of visitors; each combination is stored once. 0: unknown.
create table places (
  id integer primary key,
  country integer not null default 0,     -- labels: two letters
  region integer not null default 0,      -- labels
  city integer not null default 0,        -- labels
  organization integer not null default 0,  -- labels
  latitude integer not null default 0,    -- hundred-thousandths of a degree; 0 and 0, in the sea, is unknown
  longitude integer not null default 0,
  unique (city, organization, country, region, latitude, longitude)
) strict;

-- Visits. The id sorts by time: milliseconds when it began << 20 | a counter.
create table visits (
  site_id integer not null,
  id integer not null,
  visitor_id integer not null,            -- below 2^53: a cookie's; above: a hash that holds for a day
  stay integer not null,                  -- milliseconds from the beginning to the last action or ping
  actions integer not null,
  page_views integer not null,
  flags integer not null,                 -- bits: 1 first visit ever known, 2 JavaScript, 4 no sticky data
  source integer not null,                -- sources
  machine integer not null,               -- machines
  place integer not null,                 -- places
  landing integer,                        -- labels: address of the first page
  exit integer,                           -- labels: address of the last page
  address blob,                           -- 4 or 16 bytes, shortened where the site says so
  address_key integer,                    -- a hash of the full address; null as soon as its day's salt is gone
  hostname integer,                       -- labels: the host name of the address, with serve --resolve-hostnames
  first_source integer,                   -- sources: first touch, the visitor's first in 90 days; null: as source
  last_source integer,                    -- sources: last touch, of a direct visit the newest other one; null: as source
  primary key (site_id, id)
) strict, without rowid;
create index visits_by_visitor on visits (site_id, visitor_id, id);

-- Actions of visitors: page views, downloads, outbound clicks, events, media.
create table actions (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  at integer not null,                    -- milliseconds since the visit began
  kind integer not null,                  -- the codes of ingest::hit::ActionKind
  page integer,                           -- labels: address
  title integer,                          -- labels
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Further values of actions of kind media.
create table media (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- of the action
  event integer,                          -- labels: play, pause, …
  seconds integer,                        -- position in the medium
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Custom data of a visit; `username`, `name` and `email` name the visitor.
create table custom (
  site_id integer not null,
  visit_id integer not null,
  key integer not null,                   -- labels
  value integer not null,                 -- labels
  primary key (site_id, visit_id, key)
) strict, without rowid;

-- Goals that a visit reached. Amounts are in the minor unit of the site's currency.
create table conversions (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  at integer not null,                    -- milliseconds since the visit began
  goal integer not null,                  -- goals
  origin integer not null,                -- 0: sent by a page or a program; 1: matched by the goal's rule
  sent integer,                           -- the revenue that was sent; null: none, or one that cannot count
  revenue integer not null,               -- what counts of it, or the goal's own; negative: a refund
  counts integer not null,                -- 0: the visit had reached a goal before that counts once a visit
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Goals of sites: those set up, and those that pages named and nobody has set up yet.
create table goals (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null,
  code text not null,                     -- the id or name by which pages and programs name it
  kind text,                              -- page, event, download, outbound, actions, seconds, custom, campaign; null: only named
  match text not null default 'exact',    -- exact, starts, wildcard, regex
  pattern text not null default '',       -- what is matched; of actions and seconds the number
  revenue integer,                        -- of each conversion; null: as it is sent
  every_time integer not null default 0,  -- 0: counts once a visit
  is_set_up integer not null,             -- 0: found, since a page named it
  created_at integer not null,
  removed_at integer,                     -- its conversions stay and count no more; null: it is there
  match_below integer,                    -- visits with lower ids are still to be matched with its rule; null: none are
  matching_began integer,                 -- the value of match_below when that began, for its progress
  unique (site_id, code)
) strict;
create index goals_to_match on goals (site_id) where match_below is not null;

-- Funnels of sites.
create table funnels (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  name text not null,
  window_days integer,                    -- days in which a visitor may take all steps; null: within a visit
  created_at integer not null
) strict;
create index funnels_by_site on funnels (site_id);

-- Steps of funnels.
create table funnel_steps (
  funnel_id integer not null references funnels (id) on delete cascade,
  number integer not null,                -- from 1
  name text not null default '',          -- empty: its goal or pattern names it
  kind text not null,                     -- goal, page, event, download, outbound
  goal integer,                           -- goals; only of the kind goal
  match text not null default 'exact',    -- exact, starts, wildcard, regex
  pattern text not null default '',
  is_direct integer not null default 0,   -- 1: no other page is viewed between the step before and this one
  primary key (funnel_id, number)
) strict, without rowid;

-- Campaigns of a site's own: visits without utm_campaign that begin on these pages or come from these domains.
create table campaign_rules (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  campaign text not null,
  kind text not null,                     -- landing, referrer
  match text not null,                    -- exact, starts, wildcard, regex; of a referrer always exact
  pattern text not null,
  created_at integer not null
) strict;
create index campaign_rules_by_site on campaign_rules (site_id);

-- Further names of query parameters that describe campaigns, such as mtm_campaign.
create table campaign_parameters (
  site_id integer not null references sites (id) on delete cascade,
  parameter text not null,
  part text not null,                     -- campaign, source, medium, term, content
  primary key (site_id, parameter)
) strict, without rowid;

-- Costs of campaigns, by day, in the minor unit of the site's currency.
create table campaign_costs (
  site_id integer not null,
  campaign integer not null,              -- labels
  day integer not null,                   -- days since 1970, in the site's zone
  cost integer not null,
  primary key (site_id, campaign, day)
) strict, without rowid;

-- Campaign links that were made, newest last.
create table campaign_links (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  url text not null,                      -- with its parameters
  campaign text not null,
  author text,                            -- a user name; null: a program or the command line
  created_at integer not null
) strict;
create index campaign_links_by_site on campaign_links (site_id);

-- Annotations of dates.
create table annotations (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  day integer not null,                   -- days since 1970, in the site's zone
  kind text not null,                     -- note, deploy
  text text not null,
  author text,                            -- a user name; null: a program with the site key, or the command line
  created_at integer not null
) strict;
create index annotations_by_day on annotations (site_id, day);

-- Annotations of visitors. They belong to the visitor's data: whoever erases it erases them.
create table visitor_notes (
  site_id integer not null,
  visitor_id integer not null,
  name text not null,                     -- shown wherever the visitor is; may be empty
  tags text not null,                     -- one a line
  note text not null,
  author text,                            -- a user name; null: a program with the site key, or the command line
  changed_at integer not null,
  primary key (site_id, visitor_id)
) strict, without rowid;

-- Versions of split tests that visits were shown.
create table splits (
  site_id integer not null,
  visit_id integer not null,
  test integer not null,                  -- labels
  version integer not null,               -- labels
  goal integer,                           -- labels
  primary key (site_id, visit_id, test)
) strict, without rowid;

-- Views of pages that were not found.
create table missing_pages (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  page integer not null,                  -- labels: address
  referrer integer,                       -- labels: address of the page whose link led there; null: unknown
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Web vitals of page views, as browsers measured them.
create table vitals (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,                -- from 1, in the order of arrival
  page integer not null,                  -- labels: address
  lcp integer,                            -- Largest Contentful Paint, in milliseconds; null: not measured, and so those below
  inp integer,                            -- Interaction to Next Paint, in milliseconds
  cls integer,                            -- Cumulative Layout Shift, in ten-thousandths
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- Clicks of visitors on a page, by position.
create table heatmap_clicks (
  site_id integer not null,
  visit_id integer not null,
  number integer not null,
  page integer not null,                  -- labels: address
  x integer not null,                     -- pixels
  y integer not null,                     -- pixels
  width integer not null,                 -- of the window, in pixels
  element integer,                        -- labels: a CSS selector of the clicked element; null: not told, and so those below
  text integer,                           -- labels: what the element reads; null: none
  element_x integer,                      -- within the element, in ten-thousandths of its width
  element_y integer,                      -- within the element, in ten-thousandths of its height
  is_rage integer not null default 0,     -- 1: the third or a later one of quick clicks in one place
  is_dead integer not null default 0,     -- 1: nothing happened after it
  primary key (site_id, visit_id, number)
) strict, without rowid;

-- How long and how far visits read pages.
create table page_reads (
  site_id integer not null,
  visit_id integer not null,
  page integer not null,                  -- labels: address
  seconds integer not null,               -- in which it was visible
  depth integer,                          -- the deepest point seen, in thousandths of its height; null: not measured
  primary key (site_id, visit_id, page)
) strict, without rowid;

-- Segments: named filters on visits.
create table segments (
  id integer primary key autoincrement,
  site_id integer not null references sites (id) on delete cascade,
  user_id integer references users (id) on delete cascade,  -- the owner; null: everybody who sees the site
  name text not null,
  conditions text not null,               -- filters as in a URL
  created_at integer not null
) strict;
create index segments_by_site on segments (site_id);
create index segments_by_user on segments (user_id) where user_id is not null;

-- Ranges of finished days that are sealed as blocks: derived from the rows, which are the truth. A range is a day of a
-- large site, a month or a year of a small one. A change to a visit removes its range in the same transaction.
create table block_ranges (
  site_id integer not null,
  first_day integer not null,             -- days since 1970, in the zone
  last_day integer not null,
  begins integer not null,                -- the first visit id that it can hold
  ends integer not null,                  -- the first visit id after it
  seal integer not null,                  -- distinguishes it from earlier and later ones of the same days
  format integer not null,                -- the format of its blocks; 0: they are being written
  zone text not null,
  days blob not null,                     -- the metrics of each day
  primary key (site_id, first_day)
) strict, without rowid;

-- The columns of block ranges, encoded by reports::columns::codec. With a rowid: SQLite reads a row without one as a whole when it
-- compares its key, and finding one block would read a dozen.
create table blocks (
  site_id integer not null,
  part integer not null,                  -- the number of the column
  first_day integer not null,             -- of the range
  seal integer not null,
  data blob not null,
  primary key (site_id, part, first_day, seal)
) strict;

-- Rollups of days whose visits were pruned: the sums of each item of each dimension without personal data.
create table rollups (
  site_id integer not null,
  dimension text not null,                -- its name in URLs, also 'hour' and 'all'
  day integer not null,                   -- days since 1970, in the zone that the site had then
  item integer not null,                  -- labels; 0: unknown, or it has a code
  parent integer not null,                -- labels: the country of a place, the key of custom data; else 0
  code integer not null,                  -- of an item without a label: a channel, a device type, an hour; else 0
  subtitle integer,                       -- labels: a second line of the item, such as a page's title
  hits integer not null,
  visits integer not null,
  uniques integer not null,
  new integer not null,
  actions integer not null,
  seconds integer not null,
  bounces integer not null,
  conversions integer not null default 0,
  converted integer not null default 0,   -- visits with a conversion
  earned integer not null default 0,      -- revenue without refunds, in the minor unit of the site's currency
  refunded integer not null default 0,
  kinds text,                             -- actions by kind, where they are distinguished
  primary key (site_id, dimension, day, item, parent, code)
) strict, without rowid;

-- Imported files, so that none counts twice and the import of one that has grown continues where it stopped.
create table imports (
  site_id integer not null,
  hash blob not null,                     -- of the beginning of the file, as far as bytes says
  format text not null,                   -- site, hits, log
  name text not null,                     -- as it was called
  head_bytes integer not null,            -- the length of the beginning that the hash covers
  bytes integer not null,                 -- read and committed, of the text inside where it is compressed
  lines integer not null,
  taken integer not null,
  left_out integer not null,
  refused integer not null,
  begun_at integer not null,
  ended_at integer,                       -- null: it was stopped
  primary key (site_id, hash)
) strict, without rowid;

-- Imported lines, so that none counts twice, whatever file contains it again.
create table imported_lines (
  site_id integer not null,
  period integer not null,                -- when they happened: ten minutes, counted since 1970
  number integer not null,                -- from 1: each transaction of an import adds its lines
  seen_at integer not null,               -- when they were imported, or about when they were last found again
  hashes blob not null,                   -- 8 bytes a line, under the site's line_key
  primary key (site_id, period, number)
) strict, without rowid;
create index imported_lines_by_time on imported_lines (seen_at);

-- Salts for the visitor hashes of a site's local day; deleted as soon as no visit can need them.
create table salts (
  site_id integer not null,
  day integer not null,                   -- days since 1970
  salt blob not null,
  primary key (site_id, day)
) strict, without rowid;

-- Numbers of filtered and refused hits, by reason; site 0 stands for sites that do not exist.
create table filtered (
  site_id integer not null,
  day integer not null,                   -- days since 1970, in the site's zone
  reason text not null,
  count integer not null,
  primary key (site_id, day, reason)
) strict, without rowid;

-- Samples of filtered hits, without personal data.
create table filtered_samples (
  site_id integer not null,
  day integer not null,                   -- days since 1970, in the site's zone
  reason text not null,
  number integer not null,                -- from 1, in the order of arrival
  at integer not null,
  page text,                              -- the path, without its query
  agent text,                             -- the robot's name, or browser and system
  referrer text,                          -- the domain
  primary key (site_id, day, reason, number)
) strict, without rowid;

-- The outbox: letters to be sent, written in the transaction of their cause and deleted once sent.
create table outbox (
  id integer primary key autoincrement,
  recipient text not null,
  subject text not null,
  text text not null,
  html text not null,
  created_at integer not null,
  due_at integer not null,                -- the next try
  tries integer not null default 0,
  problem text,                           -- the result of the last try
  given_up_at integer,
  expires_at integer,                     -- when it becomes useless; null: a day after it was written
  told_user_id integer references users (id) on delete set null,  -- who sees that it was given up; null: the operator alone
  unsubscribe text,                       -- the address that ends letters of its kind; null: none does
  sender text                             -- the name of the sender; null: the operator's
) strict;
create index outbox_by_due on outbox (due_at) where given_up_at is null;
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

-- The last trusted time of the machine's clock. If the clock jumps from here, deletion by age waits.
create table trusted_clock (
  id integer primary key check (id = 1),
  trusted_at integer not null
) strict;

-- Background tasks: their last run and its result, from which the next run is determined, also after a restart.
create table jobs (
  name text primary key,
  ran_at integer not null,
  milliseconds integer not null,
  problem text                            -- null: it succeeded
) strict, without rowid;
