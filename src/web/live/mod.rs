//! The live screens: Spy, its stream of events, and the page that waits for the first hit.

pub mod live_row;
pub mod live_stream;
pub mod spy;
pub mod waiting_for_first_hit;
