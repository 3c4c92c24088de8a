//! The acts of people on a site: each checks, changes and writes its line in the audit log, all in the transaction that
//! it is given. Screens, commands and imports call them. Knows neither HTTP nor HTML.

pub mod addition;
pub mod annotations;
pub mod brand;
pub mod colour;
pub mod embed_origins;
pub mod erasure;
pub mod exports;
pub mod guest_links;
pub mod hosts;
pub mod imports;
pub mod invitations;
pub mod keys;
pub mod logo;
pub mod ownership;
pub mod removal;
pub mod restore;
pub mod retention;
pub mod segments;
pub mod settings;
pub mod sharing;
pub mod tracking;
pub mod view_only;
pub mod visitor_notes;
