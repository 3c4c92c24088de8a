//! The acts of people on what a site measures its success by: goals, funnels, its currency, campaigns and keys of custom data. Each
//! checks, changes and writes its line in the audit log, all in the transaction that it is given. Screens, commands and
//! programs call them.

pub mod amounts;
pub mod campaign_costs;
pub mod campaign_links;
pub mod campaign_parameters;
pub mod campaign_rules;
pub mod currency;
pub mod custom_keys;
pub mod definition;
pub mod funnel_text;
pub mod funnels;
