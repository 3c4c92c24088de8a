//! Monitors of a site: pages that are checked at intervals, and when they are down.

pub mod acts;
pub mod advance;
pub mod definition;
pub mod round;
