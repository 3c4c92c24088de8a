//! The product through its front door: the real binary on a real file, spoken to over real sockets and by a real
//! browser. One file for each subject; `harness`, `http`, `network` and `chromium` are what they share.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "tests look into the file by themselves")]

#[path = "front_door/abandoned.rs"]
mod abandoned;
#[path = "front_door/access.rs"]
mod access;
#[path = "front_door/account.rs"]
mod account;
#[path = "front_door/address_keys.rs"]
mod address_keys;
#[path = "front_door/alerts.rs"]
mod alerts;
#[path = "front_door/api_access.rs"]
mod api_access;
#[path = "front_door/api_client.rs"]
mod api_client;
#[path = "front_door/api_export.rs"]
mod api_export;
#[path = "front_door/api_guide.rs"]
mod api_guide;
#[path = "front_door/api_hits.rs"]
mod api_hits;
#[path = "front_door/api_limits.rs"]
mod api_limits;
#[path = "front_door/api_parity.rs"]
mod api_parity;
#[path = "front_door/api_query.rs"]
mod api_query;
#[path = "front_door/api_reports.rs"]
mod api_reports;
#[path = "front_door/api_stream.rs"]
mod api_stream;
#[path = "front_door/api_visits.rs"]
mod api_visits;
#[path = "front_door/attribution.rs"]
mod attribution;
#[path = "front_door/audit.rs"]
mod audit;
#[path = "front_door/backup.rs"]
mod backup;
#[path = "front_door/beacons.rs"]
mod beacons;
#[path = "front_door/billing.rs"]
mod billing;
#[path = "front_door/breakdown.rs"]
mod breakdown;
#[path = "front_door/broken_off.rs"]
mod broken_off;
#[path = "front_door/browser.rs"]
mod browser;
#[path = "front_door/browser_goals.rs"]
mod browser_goals;
#[path = "front_door/browser_sharing.rs"]
mod browser_sharing;
#[path = "front_door/browser_tracker.rs"]
mod browser_tracker;
#[path = "front_door/campaigns.rs"]
mod campaigns;
#[path = "front_door/chromium.rs"]
mod chromium;
#[path = "front_door/clicky_api.rs"]
mod clicky_api;
#[path = "front_door/clicky_replies.rs"]
mod clicky_replies;
#[path = "front_door/clock.rs"]
mod clock;
#[path = "front_door/columns.rs"]
mod columns;
#[path = "front_door/commands.rs"]
mod commands;
#[path = "front_door/comparison.rs"]
mod comparison;
#[path = "front_door/compressed_bodies.rs"]
mod compressed_bodies;
#[path = "front_door/connections.rs"]
mod connections;
#[path = "front_door/copies.rs"]
mod copies;
#[path = "front_door/credits.rs"]
mod credits;
#[path = "front_door/custom_data.rs"]
mod custom_data;
#[path = "front_door/demo.rs"]
mod demo;
#[path = "front_door/digests.rs"]
mod digests;
#[path = "front_door/durability.rs"]
mod durability;
#[path = "front_door/exports.rs"]
mod exports;
#[path = "front_door/floods.rs"]
mod floods;
#[path = "front_door/funnel_answers.rs"]
mod funnel_answers;
#[path = "front_door/funnel_screens.rs"]
mod funnel_screens;
#[path = "front_door/funnel_set_up.rs"]
mod funnel_set_up;
#[path = "front_door/goal_acts.rs"]
mod goal_acts;
#[path = "front_door/goal_screens.rs"]
mod goal_screens;
#[path = "front_door/goal_settings.rs"]
mod goal_settings;
#[path = "front_door/goals_ingest.rs"]
mod goals_ingest;
#[path = "front_door/goals_moved.rs"]
mod goals_moved;
#[path = "front_door/goals_removed.rs"]
mod goals_removed;
#[path = "front_door/guest_links.rs"]
mod guest_links;
#[path = "front_door/guest_segments.rs"]
mod guest_segments;
#[path = "front_door/harness.rs"]
mod harness;
#[path = "front_door/heads.rs"]
mod heads;
#[path = "front_door/heatmap_ingest.rs"]
mod heatmap_ingest;
#[path = "front_door/heatmap_limits.rs"]
mod heatmap_limits;
#[path = "front_door/heatmap_overlay.rs"]
mod heatmap_overlay;
#[path = "front_door/heatmap_part.rs"]
mod heatmap_part;
#[path = "front_door/heatmap_screens.rs"]
mod heatmap_screens;
#[path = "front_door/help.rs"]
mod help;
#[path = "front_door/hostile.rs"]
mod hostile;
#[path = "front_door/hosts.rs"]
mod hosts;
#[path = "front_door/hosts_listed.rs"]
mod hosts_listed;
#[path = "front_door/http.rs"]
mod http;
#[path = "front_door/import.rs"]
mod import;
#[path = "front_door/import_again.rs"]
mod import_again;
#[path = "front_door/import_order.rs"]
mod import_order;
#[path = "front_door/import_origin.rs"]
mod import_origin;
#[path = "front_door/imports.rs"]
mod imports;
#[path = "front_door/journeys.rs"]
mod journeys;
#[path = "front_door/key_uses.rs"]
mod key_uses;
#[path = "front_door/known_devices.rs"]
mod known_devices;
#[path = "front_door/letters.rs"]
mod letters;
#[path = "front_door/letting_in.rs"]
mod letting_in;
#[path = "front_door/logs.rs"]
mod logs;
#[path = "front_door/long_addresses.rs"]
mod long_addresses;
#[path = "front_door/mail.rs"]
mod mail;
#[path = "front_door/mcp.rs"]
mod mcp;
#[path = "front_door/monitored.rs"]
mod monitored;
#[path = "front_door/moving.rs"]
mod moving;
#[path = "front_door/names.rs"]
mod names;
#[path = "front_door/network.rs"]
mod network;
#[path = "front_door/new_texts.rs"]
mod new_texts;
#[path = "front_door/not_found.rs"]
mod not_found;
#[path = "front_door/openapi.rs"]
mod openapi;
#[path = "front_door/operator.rs"]
mod operator;
#[path = "front_door/packaging.rs"]
mod packaging;
#[path = "front_door/page_forms.rs"]
mod page_forms;
#[path = "front_door/program_limits.rs"]
mod program_limits;
#[path = "front_door/programs.rs"]
mod programs;
#[path = "front_door/reports.rs"]
mod reports;
#[path = "front_door/restore.rs"]
mod restore;
#[path = "front_door/restore_edges.rs"]
mod restore_edges;
#[path = "front_door/retention.rs"]
mod retention;
#[path = "front_door/rounding.rs"]
mod rounding;
#[path = "front_door/rust_tokens.rs"]
mod rust_tokens;
#[path = "front_door/schema.rs"]
mod schema;
#[path = "front_door/screens.rs"]
mod screens;
#[path = "front_door/second_factor.rs"]
mod second_factor;
#[path = "front_door/segments.rs"]
mod segments;
#[path = "front_door/settings.rs"]
mod settings;
#[path = "front_door/sharing.rs"]
mod sharing;
#[path = "front_door/sign_in.rs"]
mod sign_in;
#[path = "front_door/site_files.rs"]
mod site_files;
#[path = "front_door/slow_clients.rs"]
mod slow_clients;
#[path = "front_door/snapshots.rs"]
mod snapshots;
#[path = "front_door/split_tests.rs"]
mod split_tests;
#[path = "front_door/spreadsheets.rs"]
mod spreadsheets;
#[path = "front_door/stopping.rs"]
mod stopping;
#[path = "front_door/streams.rs"]
mod streams;
#[path = "front_door/sub_accounts.rs"]
mod sub_accounts;
#[path = "front_door/tidy.rs"]
mod tidy;
#[path = "front_door/tokens.rs"]
mod tokens;
#[path = "front_door/translated.rs"]
mod translated;
#[path = "front_door/typed.rs"]
mod typed;
#[path = "front_door/unknown_names.rs"]
mod unknown_names;
#[path = "front_door/unwritable.rs"]
mod unwritable;
#[path = "front_door/uptime.rs"]
mod uptime;
#[path = "front_door/visitor_numbers.rs"]
mod visitor_numbers;
#[path = "front_door/visits.rs"]
mod visits;
#[path = "front_door/web_vitals.rs"]
mod web_vitals;
#[path = "front_door/webhooks.rs"]
mod webhooks;
#[path = "front_door/white_label.rs"]
mod white_label;
#[path = "front_door/wide_exports.rs"]
mod wide_exports;
